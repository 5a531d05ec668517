package io.tributary.segment.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One row per profile id, locked to the end of the transaction by whoever changes what is kept
 * about it. Rows, not advisory locks: a batch takes thousands of them.
 */
public final class ProfileLocks {

  /**
   * Locks them in sorted order; those that nobody has seen before get their row.
   *
   * @return those of them that were decided about as a root before
   */
  public Set<ProfileKey> lock(Connection connection, SortedSet<ProfileKey> keys)
      throws SQLException {
    Map<ProfileKey, Boolean> locked = lockRows(connection, keys);
    if (locked.size() < keys.size()) {
      SortedSet<ProfileKey> missing = new TreeSet<>(keys);
      missing.removeAll(locked.keySet());
      insert(connection, missing);
      locked = lockRows(connection, keys);
    }
    Set<ProfileKey> evaluated = new HashSet<>();
    locked.forEach((key, isEvaluated) -> {
      if (isEvaluated) {
        evaluated.add(key);
      }
    });
    return evaluated;
  }

  private static void insert(Connection connection, SortedSet<ProfileKey> keys)
      throws SQLException {
    String sql =
        """
        insert into segment.profile_lock (workspace_id, profile_id)
        select k.workspace_id, k.profile_id
        from unnest(?::text[], ?::uuid[]) as k(workspace_id, profile_id)
        order by k.workspace_id collate "C", k.profile_id
        on conflict do nothing
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, Arrays.workspaces(connection, keys));
      statement.setArray(2, Arrays.profiles(connection, keys));
      statement.execute();
    }
  }

  private static Map<ProfileKey, Boolean> lockRows(
      Connection connection, SortedSet<ProfileKey> keys) throws SQLException {
    Map<ProfileKey, Boolean> locked = new HashMap<>();
    if (keys.isEmpty()) {
      return locked;
    }
    String sql =
        """
        select l.workspace_id, l.profile_id, l.evaluated from segment.profile_lock l
        join unnest(?::text[], ?::uuid[]) as k(workspace_id, profile_id)
            on l.workspace_id = k.workspace_id and l.profile_id = k.profile_id
        order by l.workspace_id collate "C", l.profile_id
        for update of l
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, Arrays.workspaces(connection, keys));
      statement.setArray(2, Arrays.profiles(connection, keys));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          locked.put(Arrays.key(row), row.getBoolean("evaluated"));
        }
      }
    }
    return locked;
  }

  /** Those that were never decided about as a root. */
  public Set<ProfileKey> unevaluated(Connection connection, Collection<ProfileKey> keys)
      throws SQLException {
    Set<ProfileKey> left = new HashSet<>(keys);
    if (left.isEmpty()) {
      return left;
    }
    String sql =
        """
        select l.workspace_id, l.profile_id from segment.profile_lock l
        join unnest(?::text[], ?::uuid[]) as k(workspace_id, profile_id)
            on l.workspace_id = k.workspace_id and l.profile_id = k.profile_id
        where l.evaluated
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, Arrays.workspaces(connection, keys));
      statement.setArray(2, Arrays.profiles(connection, keys));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          left.remove(Arrays.key(row));
        }
      }
    }
    return left;
  }

  /** Remembers that all segments were decided about for them. They must be locked. */
  public void markEvaluated(Connection connection, Collection<ProfileKey> keys)
      throws SQLException {
    if (keys.isEmpty()) {
      return;
    }
    String sql =
        """
        update segment.profile_lock l set evaluated = true
        from unnest(?::text[], ?::uuid[]) as k(workspace_id, profile_id)
        where l.workspace_id = k.workspace_id and l.profile_id = k.profile_id and not l.evaluated
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, Arrays.workspaces(connection, new TreeSet<>(keys)));
      statement.setArray(2, Arrays.profiles(connection, new TreeSet<>(keys)));
      statement.executeUpdate();
    }
  }

  /** Forgets them. */
  public void delete(Connection connection, Collection<ProfileKey> keys) throws SQLException {
    String sql =
        """
        delete from segment.profile_lock l
        using unnest(?::text[], ?::uuid[]) as k(workspace_id, profile_id)
        where l.workspace_id = k.workspace_id and l.profile_id = k.profile_id
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, Arrays.workspaces(connection, keys));
      statement.setArray(2, Arrays.profiles(connection, keys));
      statement.executeUpdate();
    }
  }
}
