package io.tributary.profile.store;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Finds out what became of events that aren't in a timeline, or more than once on their way. */
public final class FateStore {
  private static final List<String> STAGES =
      List.of("ingestion", "identity", "profile", "segment", "campaign");
  private static final String DUPLICATES = "identity.v_duplicate";
  private static final String CROSSINGS = "segment.v_crossing";
  private static final String TRIGGERS = "campaign.v_trigger";

  private final JdbcClient sql;
  private final Neighbours neighbours;

  /** Reads with this client. */
  public FateStore(JdbcClient sql, Neighbours neighbours) {
    this.sql = sql;
    this.neighbours = neighbours;
  }

  /** A second arrival of a message, and the first: places in {@code ingestion.events}. */
  public record RepeatedArrival(
      int partition, long position, int firstPartition, long firstPosition) {}

  /**
   * A refusal.
   *
   * @param reasons JSON array of code, path and message
   */
  public record Refusal(String id, String stage, String reasons, @Nullable Instant at) {}

  /**
   * Somebody crossed a segment's border because of the event.
   *
   * @param change entered or exited
   */
  public record SegmentCrossing(
      String segmentId, String change, Instant at, String reason, @JsonIgnore String changeId) {}

  /**
   * A message that the event triggered, by itself or by a crossing that it caused.
   *
   * @param state pending, claimed, sent, bounced, failed, uncertain or skipped
   * @param outcome why it was skipped, or the answer of who took it
   * @param finishedAt when nothing more was to be done
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record TriggeredDelivery(
      String deliveryId,
      String campaignId,
      String channel,
      String state,
      @Nullable String outcome,
      Instant createdAt,
      @Nullable Instant finishedAt) {}

  /** Which segments a message of this person made the person enter or leave. */
  public List<SegmentCrossing> crossings(String workspaceId, UUID canonical, String messageId) {
    if (!neighbours.has(CROSSINGS)) {
      return List.of();
    }
    // By person, since that is what crossings are found by; each of its parts may have been its
    // root.
    return sql.sql(
            """
            select segment_id, change, at, reason, change_id from segment.v_crossing
            where workspace_id = :workspace and message_id = :message
              and profile_id in (select profile_id from profile.profile
                                 where workspace_id = :workspace and canonical_id = :canonical)
            order by at, segment_id limit 100
            """)
        .param("workspace", workspaceId)
        .param("message", messageId)
        .param("canonical", canonical)
        .query((row, n) ->
            new SegmentCrossing(
                row.getString("segment_id"),
                row.getString("change"),
                Objects.requireNonNull(Identifiers.instant(row, "at")),
                row.getString("reason"),
                row.getString("change_id")))
        .list();
  }

  /**
   * The deliveries to this person that were triggered so.
   *
   * @param keys a message id, and ids of crossings
   */
  public List<TriggeredDelivery> deliveries(
      String workspaceId, UUID canonical, Collection<String> keys) {
    if (!neighbours.has(TRIGGERS)) {
      return List.of();
    }
    return sql.sql(
            """
            select delivery_id, campaign_id, channel, state, outcome, created_at, finished_at
            from campaign.v_trigger
            where workspace_id = :workspace and trigger_key = any(:keys)
              and profile_id in (select profile_id from profile.profile
                                 where workspace_id = :workspace and canonical_id = :canonical)
            order by created_at, delivery_id limit 100
            """)
        .param("workspace", workspaceId)
        .param("keys", keys.toArray(String[]::new))
        .param("canonical", canonical)
        .query((row, n) ->
            new TriggeredDelivery(
                row.getString("delivery_id"),
                row.getString("campaign_id"),
                row.getString("channel"),
                row.getString("state"),
                row.getString("outcome"),
                Objects.requireNonNull(Identifiers.instant(row, "created_at")),
                Identifiers.instant(row, "finished_at")))
        .list();
  }

  /** Later arrivals of this message, which had no effect. */
  public List<RepeatedArrival> duplicates(String workspaceId, String messageId) {
    if (!neighbours.has(DUPLICATES)) {
      return List.of();
    }
    return sql.sql(
            """
            select partition, position, first_partition, first_position from identity.v_duplicate
            where workspace_id = ? and message_id = ? order by partition, position limit 100
            """)
        .param(workspaceId)
        .param(messageId)
        .query((row, n) ->
            new RepeatedArrival(row.getInt(1), row.getLong(2), row.getInt(3), row.getLong(4)))
        .list();
  }

  /** Where this message was refused. */
  public List<Refusal> refusals(String workspaceId, String messageId) {
    List<Refusal> refusals = new ArrayList<>();
    for (String stage : STAGES) {
      if (neighbours.has(stage + ".v_quarantine")) {
        refusals.addAll(
            sql.sql(
                    """
                    select id, stage, reasons::text as reasons, at from %s.v_quarantine
                    where workspace_id = ? and message_id = ? order by at limit 20
                    """
                        .formatted(stage))
                .param(workspaceId)
                .param(messageId)
                .query((row, n) ->
                    new Refusal(
                        row.getString("id"),
                        row.getString("stage"),
                        row.getString("reasons"),
                        Identifiers.instant(row, "at")))
                .list());
      }
    }
    return refusals;
  }
}
