package io.tributary.segment.store;

import io.tributary.event.SegmentChange;
import io.tributary.event.Topics;
import io.tributary.segment.membership.Decision;
import io.tributary.segment.membership.Transition;
import io.tributary.stream.ChangeLog;
import io.tributary.stream.ChangeLog.Change;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The history of crossings, and with each the record for {@code segment.changes}: same transaction,
 * same id.
 */
public final class TransitionStore {
  private final ChangeLog changes;

  /** Appends to the given log. */
  public TransitionStore(ChangeLog changes) {
    this.changes = changes;
  }

  private record Crossed(ProfileKey key, Transition transition) {}

  /**
   * Appends the crossings. The log's shards stay locked until the transaction ends, so this comes
   * last in it.
   *
   * @param traces of the messages that are followed
   * @return how many there were
   */
  public int append(
      Connection connection,
      SortedMap<ProfileKey, Decision> decisions,
      Map<MessageKey, String> traces)
      throws SQLException {
    SortedMap<Integer, List<Crossed>> byShard = new TreeMap<>();
    decisions.forEach((key, decision) -> {
      for (Transition transition : decision.transitions()) {
        byShard
            .computeIfAbsent(changes.shardOf(key.profileId().toString()), _ -> new ArrayList<>())
            .add(new Crossed(key, transition));
      }
    });
    int total = 0;
    for (Map.Entry<Integer, List<Crossed>> entry : byShard.entrySet()) {
      List<Crossed> crossed = entry.getValue();
      List<Long> ids =
          changes.append(
              connection,
              entry.getKey(),
              crossed.stream().map(one -> change(entry.getKey(), one, traces)).toList());
      insert(connection, entry.getKey(), crossed, ids);
      total += crossed.size();
    }
    return total;
  }

  private static Change change(int shard, Crossed crossed, Map<MessageKey, String> traces) {
    String profile = crossed.key().profileId().toString();
    Transition transition = crossed.transition();
    String message = transition.cause().messageId();
    return new Change(
        crossed.key().workspaceId(),
        Topics.SEGMENT_CHANGES,
        profile,
        id ->
            new SegmentChange(
                    shard + "-" + id,
                    crossed.key().workspaceId(),
                    transition.segmentId(),
                    transition.segmentVersion(),
                    crossed.key().profileId(),
                    transition.change(),
                    transition.at(),
                    transition.cause().reason(),
                    message)
                .encode(),
        message == null ? null : traces.get(new MessageKey(crossed.key().workspaceId(), message)));
  }

  private static void insert(
      Connection connection, int shard, List<Crossed> crossed, List<Long> ids) throws SQLException {
    String sql =
        """
        insert into segment.transition
            (workspace_id, profile_id, segment_id, change, at, reason, message_id, shard, id)
        select u.workspace_id, u.profile_id, u.segment_id, u.change, u.at, u.reason, u.message_id, ?, u.id
        from unnest(?::text[], ?::uuid[], ?::text[], ?::text[], ?::timestamptz[], ?::text[], ?::text[],
            ?::bigint[]) as u(workspace_id, profile_id, segment_id, change, at, reason, message_id, id)
        """;
    List<ProfileKey> keys = crossed.stream().map(Crossed::key).toList();
    List<Transition> transitions = crossed.stream().map(Crossed::transition).toList();
    List<@Nullable String> messages = new ArrayList<>(transitions.size());
    transitions.forEach(transition -> messages.add(transition.cause().messageId()));
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setInt(1, shard);
      statement.setArray(2, Arrays.workspaces(connection, keys));
      statement.setArray(3, Arrays.profiles(connection, keys));
      statement.setArray(
          4, Arrays.texts(connection, transitions.stream().map(Transition::segmentId).toList()));
      statement.setArray(
          5, Arrays.texts(connection, transitions.stream().map(t -> t.change().wire()).toList()));
      statement.setArray(
          6, Arrays.times(connection, transitions.stream().map(Transition::at).toList()));
      statement.setArray(
          7,
          Arrays.texts(
              connection, transitions.stream().map(t -> t.cause().reason().wire()).toList()));
      statement.setArray(8, Arrays.texts(connection, messages));
      statement.setArray(9, connection.createArrayOf("bigint", ids.toArray()));
      statement.executeUpdate();
    }
  }

  /** Deletes the history of these profiles. */
  public void delete(Connection connection, Collection<ProfileKey> keys) throws SQLException {
    String sql =
        """
        delete from segment.transition t
        using unnest(?::text[], ?::uuid[]) as k(workspace_id, profile_id)
        where t.workspace_id = k.workspace_id and t.profile_id = k.profile_id
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, Arrays.workspaces(connection, keys));
      statement.setArray(2, Arrays.profiles(connection, keys));
      statement.executeUpdate();
    }
  }
}
