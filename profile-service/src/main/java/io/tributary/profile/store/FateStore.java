package io.tributary.profile.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Finds out what became of events that aren't in a timeline, or more than once on their way. */
public final class FateStore {
  private static final List<String> STAGES =
      List.of("ingestion", "identity", "profile", "segment", "campaign");
  private static final String DUPLICATES = "identity.v_duplicate";

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
