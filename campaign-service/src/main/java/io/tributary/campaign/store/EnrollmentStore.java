package io.tributary.campaign.store;

import io.tributary.campaign.admin.Definition;
import io.tributary.campaign.journey.Channel;
import io.tributary.event.Ids;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes deliveries of triggers, on the connection of a stage's batch. Idempotent by the unique key
 * of workspace, campaign and trigger.
 */
public final class EnrollmentStore {

  /** A campaign that listens. */
  public record Listener(
      String campaignId,
      String workspaceId,
      Definition.Trigger trigger,
      Channel channel,
      Instant activatedAt) {}

  /**
   * A delivery to be.
   *
   * @param triggerKey what makes it the only one
   * @param event the event that triggered it, as JSON
   */
  public record Enrollment(
      Listener listener, UUID profileId, String triggerKey, @Nullable String event) {}

  /** The campaigns of these workspaces that a kind of trigger may start. */
  public List<Listener> listeners(
      Connection connection, String triggerType, Collection<String> workspaces)
      throws SQLException {
    String sql =
        """
        select campaign_id, workspace_id, trigger::text, channel_type, activated_at
        from campaign.campaign
        where workspace_id = any(?) and trigger_type = ? and state in ('active', 'paused')
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, text(connection, workspaces));
      statement.setString(2, triggerType);
      List<Listener> listeners = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          listeners.add(
              new Listener(
                  rows.getString("campaign_id"),
                  rows.getString("workspace_id"),
                  Definition.trigger(rows.getString("trigger")),
                  Channel.parse(rows.getString("channel_type")),
                  Times.get(rows, "activated_at")));
        }
      }
      return listeners;
    }
  }

  /**
   * Adds deliveries that are due at once, in one statement; those that are there stay. Nothing is
   * added for erased people: an event may overtake, or lag behind, the record that says so.
   */
  public int add(Connection connection, List<Enrollment> enrollments, Instant now)
      throws SQLException {
    if (enrollments.isEmpty()) {
      return 0;
    }
    // Sorted, so that two batches that meet wait for each other in one order.
    List<Enrollment> sorted =
        enrollments.stream()
            .sorted(
                Comparator.comparing((Enrollment e) -> e.listener().workspaceId())
                    .thenComparing(e -> e.listener().campaignId())
                    .thenComparing(Enrollment::triggerKey))
            .toList();
    String sql =
        """
        insert into campaign.delivery
            (delivery_id, workspace_id, campaign_id, profile_id, trigger_key, event, channel, state, created_at, due_at)
        select id, workspace, campaign, profile, key, event::jsonb, channel, 'pending', ?, ?
        from unnest(?, ?, ?, ?, ?, ?, ?) as e(id, workspace, campaign, profile, key, event, channel)
        where not exists
            (select from profile.v_privacy_block b
             where b.workspace_id = e.workspace and b.profile_id = e.profile and b.kind = 'erased')
        on conflict (workspace_id, campaign_id, trigger_key) do nothing
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, Times.of(now));
      statement.setObject(2, Times.of(now));
      statement.setArray(3, text(connection, sorted.stream().map(e -> Ids.create("dlv")).toList()));
      statement.setArray(
          4, text(connection, sorted.stream().map(e -> e.listener().workspaceId()).toList()));
      statement.setArray(
          5, text(connection, sorted.stream().map(e -> e.listener().campaignId()).toList()));
      statement.setArray(
          6,
          connection.createArrayOf("uuid", sorted.stream().map(Enrollment::profileId).toArray()));
      statement.setArray(7, text(connection, sorted.stream().map(Enrollment::triggerKey).toList()));
      statement.setArray(8, text(connection, sorted.stream().map(Enrollment::event).toList()));
      statement.setArray(
          9, text(connection, sorted.stream().map(e -> e.listener().channel().wire()).toList()));
      return statement.executeUpdate();
    }
  }

  private static Array text(Connection connection, Collection<? extends @Nullable String> values)
      throws SQLException {
    return connection.createArrayOf("text", values.toArray());
  }
}
