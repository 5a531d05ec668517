package io.tributary.segment.store;

import io.tributary.segment.membership.Behaviour;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Behaviour per home and pattern. Read and written only while the home's lock is held. */
public final class BehaviourStore {

  /** What one home did of one pattern. */
  public record Place(ProfileKey home, String patternId) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int byHome = home.compareTo(other.home);
      return byHome != 0 ? byHome : patternId.compareTo(other.patternId);
    }
  }

  /** What these homes did of these patterns; nothing is left out. */
  public Map<Place, Behaviour> load(
      Connection connection, Collection<ProfileKey> homes, Collection<String> patternIds)
      throws SQLException {
    Map<Place, Behaviour> found = new HashMap<>();
    if (homes.isEmpty() || patternIds.isEmpty()) {
      return found;
    }
    String sql =
        """
        select b.workspace_id, b.profile_id, b.pattern_id, b.times, b.ids from segment.behaviour b
        join unnest(?::text[], ?::uuid[]) as k(workspace_id, profile_id)
            on b.workspace_id = k.workspace_id and b.profile_id = k.profile_id
        where b.pattern_id = any(?)
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, Arrays.workspaces(connection, homes));
      statement.setArray(2, Arrays.profiles(connection, homes));
      statement.setArray(3, Arrays.texts(connection, patternIds));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.put(
              new Place(Arrays.key(row), row.getString("pattern_id")),
              Behaviour.of(
                  (Long[]) row.getArray("times").getArray(),
                  (Long[]) row.getArray("ids").getArray()));
        }
      }
    }
    return found;
  }

  /** Writes them over what was there. */
  public void save(Connection connection, Map<Place, Behaviour> behaviours) throws SQLException {
    if (behaviours.isEmpty()) {
      return;
    }
    // Arrays of arrays must be rectangular in Postgres; as text each row keeps its own length.
    String sql =
        """
        insert into segment.behaviour as b (workspace_id, profile_id, pattern_id, times, ids)
        select k.workspace_id, k.profile_id, k.pattern_id, k.times::bigint[], k.ids::bigint[]
        from unnest(?::text[], ?::uuid[], ?::text[], ?::text[], ?::text[])
            as k(workspace_id, profile_id, pattern_id, times, ids)
        on conflict (workspace_id, profile_id, pattern_id)
            do update set times = excluded.times, ids = excluded.ids
        """;
    Map<Place, Behaviour> sorted = new TreeMap<>(behaviours);
    List<ProfileKey> homes = sorted.keySet().stream().map(Place::home).toList();
    List<String> times = new ArrayList<>(sorted.size());
    List<String> ids = new ArrayList<>(sorted.size());
    for (Behaviour behaviour : sorted.values()) {
      times.add(literal(behaviour.times()));
      ids.add(literal(behaviour.ids()));
    }
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, Arrays.workspaces(connection, homes));
      statement.setArray(2, Arrays.profiles(connection, homes));
      statement.setArray(
          3, Arrays.texts(connection, sorted.keySet().stream().map(Place::patternId).toList()));
      statement.setArray(4, Arrays.texts(connection, times));
      statement.setArray(5, Arrays.texts(connection, ids));
      statement.executeUpdate();
    }
  }

  private static String literal(Long[] values) {
    StringBuilder text = new StringBuilder(values.length * 18 + 2).append('{');
    for (int i = 0; i < values.length; i++) {
      text.append(i == 0 ? "" : ",").append(values[i]);
    }
    return text.append('}').toString();
  }

  /** Forgets what these homes did. */
  public void delete(Connection connection, Collection<ProfileKey> homes) throws SQLException {
    String sql =
        """
        delete from segment.behaviour b
        using unnest(?::text[], ?::uuid[]) as k(workspace_id, profile_id)
        where b.workspace_id = k.workspace_id and b.profile_id = k.profile_id
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, Arrays.workspaces(connection, homes));
      statement.setArray(2, Arrays.profiles(connection, homes));
      statement.executeUpdate();
    }
  }

  /**
   * Forgets a pattern that nobody counts any more; answers how many rows went, at most the limit.
   */
  public int deletePatterns(
      Connection connection, String workspaceId, Collection<String> patternIds, int limit)
      throws SQLException {
    String sql =
        """
        delete from segment.behaviour where ctid = any(array(
            select ctid from segment.behaviour
            where workspace_id = ? and pattern_id = any(?) limit ? for update skip locked))
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      statement.setArray(2, Arrays.texts(connection, patternIds));
      statement.setInt(3, limit);
      return statement.executeUpdate();
    }
  }
}
