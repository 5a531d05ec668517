package io.tributary.identity.store;

import io.tributary.identity.resolve.Decisions.Resolution;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Which messages took effect, and where in the log each lay. */
public final class MessageStore {

  /** A place in the log. */
  public record Place(int partition, long position) {}

  /** A message that took effect there. */
  public record Taken(MessageKey key, Place place, Resolution resolution) {}

  /** A message that had taken effect before. */
  public record Duplicate(String workspaceId, String messageId, Place place, Place first) {}

  /** Those of the messages that have taken effect. */
  public Map<MessageKey, Taken> find(Connection connection, Collection<MessageKey> keys)
      throws SQLException {
    if (keys.isEmpty()) {
      return Map.of();
    }
    String sql =
        """
        select k.workspace_id, k.hash, m.partition, m.position, m.profile_id, m.canonical_id
        from unnest(?::text[], ?::uuid[]) as k (workspace_id, hash)
        cross join lateral
            (select * from identity.message m
             where m.workspace_id = k.workspace_id and m.hash = k.hash offset 0) as m
        """;
    Map<MessageKey, Taken> found = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Columns.of(statement, keys).text(MessageKey::workspaceId).uuid(MessageKey::hash);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          MessageKey key = new MessageKey(row.getString(1), row.getObject(2, UUID.class));
          Resolution resolution =
              new Resolution(row.getObject(5, UUID.class), row.getObject(6, UUID.class));
          found.put(key, new Taken(key, new Place(row.getInt(3), row.getLong(4)), resolution));
        }
      }
    }
    return found;
  }

  /**
   * Notes messages that take effect now.
   *
   * @return those that were noted before, by whomever: they must not take effect
   */
  public Set<MessageKey> insert(Connection connection, List<Taken> taken, Instant now)
      throws SQLException {
    if (taken.isEmpty()) {
      return Set.of();
    }
    String sql =
        """
        insert into identity.message
            (workspace_id, hash, partition, position, profile_id, canonical_id, seen_at)
        select k.*, ? from unnest(?::text[], ?::uuid[], ?::int[], ?::bigint[], ?::uuid[], ?::uuid[]) as k
        on conflict (workspace_id, hash) do nothing
        """;
    // One order for all transactions: two with the same messages wait instead of deadlocking.
    List<Taken> sorted = new ArrayList<>(taken);
    sorted.sort(Comparator.comparing((Taken one) -> one.key().hash()));
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Columns.after(statement, sorted, 1)
          .text(one -> one.key().workspaceId())
          .uuid(one -> one.key().hash())
          .number(one -> one.place().partition())
          .number(one -> one.place().position())
          .uuid(one -> one.resolution().home())
          .uuid(one -> one.resolution().canonical());
      statement.setObject(1, Columns.utc(now));
      if (statement.executeUpdate() == taken.size()) {
        return Set.of();
      }
    }
    return notedElsewhere(connection, taken);
  }

  private Set<MessageKey> notedElsewhere(Connection connection, List<Taken> taken)
      throws SQLException {
    Map<MessageKey, Taken> stored = find(connection, taken.stream().map(Taken::key).toList());
    Set<MessageKey> elsewhere = new HashSet<>();
    for (Taken wanted : taken) {
      Taken found = stored.get(wanted.key());
      if (found == null || !found.place().equals(wanted.place())) {
        elsewhere.add(wanted.key());
      }
    }
    return elsewhere;
  }

  /** Notes messages that had taken effect before. */
  public void insertDuplicates(Connection connection, List<Duplicate> duplicates, Instant now)
      throws SQLException {
    if (duplicates.isEmpty()) {
      return;
    }
    String sql =
        """
        insert into identity.duplicate
            (workspace_id, message_id, partition, position, first_partition, first_position, seen_at)
        select k.*, ? from unnest(?::text[], ?::text[], ?::int[], ?::bigint[], ?::int[], ?::bigint[]) as k
        on conflict (partition, position) do nothing
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Columns.after(statement, duplicates, 1)
          .text(Duplicate::workspaceId)
          .text(Duplicate::messageId)
          .number(one -> one.place().partition())
          .number(one -> one.place().position())
          .number(one -> one.first().partition())
          .number(one -> one.first().position());
      statement.setObject(1, Columns.utc(now));
      statement.executeUpdate();
    }
  }

  /**
   * Forgets some of the messages and duplicates seen before a time.
   *
   * @return how many; fewer than {@code limit} when none are left
   */
  public int sweep(Connection connection, Instant before, int limit) throws SQLException {
    String messages =
        """
        delete from identity.message m using
            (select workspace_id, hash from identity.message where seen_at < ? limit ?) as old
        where m.workspace_id = old.workspace_id and m.hash = old.hash and m.seen_at < ?
        """;
    String duplicates =
        """
        delete from identity.duplicate d using
            (select partition, position from identity.duplicate where seen_at < ? limit ?) as old
        where d.partition = old.partition and d.position = old.position and d.seen_at < ?
        """;
    return Math.max(
        delete(connection, messages, before, limit), delete(connection, duplicates, before, limit));
  }

  private static int delete(Connection connection, String sql, Instant before, int limit)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, Columns.utc(before));
      statement.setInt(2, limit);
      statement.setObject(3, Columns.utc(before));
      return statement.executeUpdate();
    }
  }
}
