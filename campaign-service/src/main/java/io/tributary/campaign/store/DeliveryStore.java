package io.tributary.campaign.store;

import io.tributary.event.ProfileId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Deliveries as people look at them, and what the receivers did with them. */
public final class DeliveryStore {
  private static final String COLUMNS =
      """
      select delivery_id, campaign_id, trigger_key, coalesce(canonical_id, profile_id) as profile_id, channel, state, outcome, detail,
             address, subject, message_id, attempts, created_at, due_at, claimed_at, finished_at, opened_at,
             clicked_at, unsubscribed_at
      from campaign.delivery
      """;
  private final JdbcClient jdbc;

  /** The deliveries of this database. */
  public DeliveryStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * A delivery as it stands.
   *
   * @param triggerKey what it was made for: the message id of an event, the change id of a segment
   *     crossing, or the run and profile of a campaign that goes out once
   */
  public record Delivery(
      String id,
      String campaignId,
      String triggerKey,
      ProfileId profileId,
      String channel,
      String state,
      @Nullable String outcome,
      @Nullable String detail,
      @Nullable String address,
      @Nullable String subject,
      @Nullable String messageId,
      int attempts,
      Instant createdAt,
      Instant dueAt,
      @Nullable Instant claimedAt,
      @Nullable Instant finishedAt,
      @Nullable Instant openedAt,
      @Nullable Instant clickedAt,
      @Nullable Instant unsubscribedAt) {
    @Override
    public String toString() {
      return "Delivery[" + id + "]";
    }
  }

  /**
   * What an engagement needs to know.
   *
   * @param address null once the person was erased
   */
  public record Target(
      String workspaceId,
      String deliveryId,
      UUID profileId,
      String campaignId,
      String campaignName,
      String channel,
      @Nullable String subject,
      @Nullable String address,
      byte @Nullable [] addressHash) {
    @Override
    public String toString() {
      return "Target[" + deliveryId + "]";
    }
  }

  /** What a receiver did, as a column that keeps the first time. */
  public enum Engagement {
    OPENED("opened_at"),
    CLICKED("clicked_at"),
    UNSUBSCRIBED("unsubscribed_at");

    private final String column;

    Engagement(String column) {
      this.column = column;
    }
  }

  /** One delivery. */
  public Optional<Delivery> find(String workspaceId, String id) {
    return jdbc.sql(COLUMNS + "where workspace_id = :workspace and delivery_id = :id")
        .param("workspace", workspaceId)
        .param("id", id)
        .query(DeliveryStore::read)
        .optional();
  }

  /** A page of a campaign's deliveries, newest first, in one state or in any. */
  public List<Delivery> page(
      String workspaceId, String campaignId, @Nullable String state, String before, int limit) {
    return jdbc.sql(
            COLUMNS
                + """
                where workspace_id = :workspace and campaign_id = :campaign and delivery_id < :before
                  and (:any or state = :state)
                order by delivery_id desc limit :limit
                """)
        .param("workspace", workspaceId)
        .param("campaign", campaignId)
        .param("before", before)
        .param("any", state == null)
        .param("state", state == null ? "" : state)
        .param("limit", limit)
        .query(DeliveryStore::read)
        .list();
  }

  /** How many deliveries of a campaign are in each state, and what receivers did with them. */
  public Map<String, Long> counts(String workspaceId, String campaignId) {
    Map<String, Long> counts = new LinkedHashMap<>();
    jdbc.sql(
            """
            select count(*) as total,
                   count(*) filter (where state = 'pending') as pending,
                   count(*) filter (where state = 'claimed') as claimed,
                   count(*) filter (where state = 'sent') as sent,
                   count(*) filter (where state = 'bounced') as bounced,
                   count(*) filter (where state = 'failed') as failed,
                   count(*) filter (where state = 'uncertain') as uncertain,
                   count(*) filter (where state = 'skipped') as skipped,
                   count(opened_at) as opened, count(clicked_at) as clicked,
                   count(unsubscribed_at) as unsubscribed
            from campaign.delivery where workspace_id = :workspace and campaign_id = :campaign
            """)
        .param("workspace", workspaceId)
        .param("campaign", campaignId)
        .query((row, n) -> {
          for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
            counts.put(row.getMetaData().getColumnLabel(i), row.getLong(i));
          }
          return counts;
        })
        .single();
    return counts;
  }

  /** Why deliveries ended as they did: counts by state and outcome. */
  public Map<String, Long> outcomes(String workspaceId, String campaignId) {
    Map<String, Long> outcomes = new LinkedHashMap<>();
    jdbc.sql(
            """
            select outcome, count(*) from campaign.delivery
            where workspace_id = :workspace and campaign_id = :campaign and outcome is not null
            group by outcome order by outcome
            """)
        .param("workspace", workspaceId)
        .param("campaign", campaignId)
        .query((row, n) -> outcomes.put(row.getString(1), row.getLong(2)))
        .list();
    return outcomes;
  }

  /** What an engagement with a delivery needs to know. */
  public Optional<Target> target(String workspaceId, String deliveryId) {
    return jdbc.sql(
            """
            select d.workspace_id, d.delivery_id, coalesce(d.canonical_id, d.profile_id) as profile_id, d.campaign_id,
                   c.name, d.channel, d.subject, d.address, d.address_hash
            from campaign.delivery d join campaign.campaign c on c.campaign_id = d.campaign_id
            where d.workspace_id = :workspace and d.delivery_id = :id
            """)
        .param("workspace", workspaceId)
        .param("id", deliveryId)
        .query((row, n) ->
            new Target(
                row.getString("workspace_id"),
                row.getString("delivery_id"),
                row.getObject("profile_id", UUID.class),
                row.getString("campaign_id"),
                row.getString("name"),
                row.getString("channel"),
                row.getString("subject"),
                row.getString("address"),
                row.getBytes("address_hash")))
        .optional();
  }

  /**
   * Notes the first time that a receiver did something.
   *
   * @return whether it was the first time
   */
  public boolean engaged(Target target, Engagement engagement, Instant at) {
    return jdbc.sql(
                """
                update campaign.delivery set %1$s = :at
                where workspace_id = :workspace and delivery_id = :id and %1$s is null
                """
                    .formatted(engagement.column))
            .param("at", Times.of(at))
            .param("workspace", target.workspaceId())
            .param("id", target.deliveryId())
            .update()
        == 1;
  }

  private static Delivery read(ResultSet row, int n) throws SQLException {
    return new Delivery(
        row.getString("delivery_id"),
        row.getString("campaign_id"),
        row.getString("trigger_key"),
        new ProfileId(row.getObject("profile_id", UUID.class)),
        row.getString("channel"),
        row.getString("state"),
        row.getString("outcome"),
        row.getString("detail"),
        row.getString("address"),
        row.getString("subject"),
        row.getString("message_id"),
        row.getInt("attempts"),
        Times.get(row, "created_at"),
        Times.get(row, "due_at"),
        Times.find(row, "claimed_at"),
        Times.find(row, "finished_at"),
        Times.find(row, "opened_at"),
        Times.find(row, "clicked_at"),
        Times.find(row, "unsubscribed_at"));
  }
}
