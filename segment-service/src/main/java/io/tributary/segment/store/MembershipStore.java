package io.tributary.segment.store;

import io.tributary.event.ProfileId;
import io.tributary.event.SegmentChange.Reason;
import io.tributary.segment.membership.Decision;
import io.tributary.segment.membership.Standing;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** How profiles stand to segments. Written only while the profile's lock is held. */
public final class MembershipStore {

  /** The standings of each of these, by segment id; an entry for each key. */
  public Map<ProfileKey, Map<String, Standing>> load(
      Connection connection, Collection<ProfileKey> keys) throws SQLException {
    Map<ProfileKey, Map<String, Standing>> found = new HashMap<>();
    keys.forEach(key -> found.put(key, new HashMap<>()));
    if (keys.isEmpty()) {
      return found;
    }
    String sql =
        """
        select m.* from segment.membership m
        join unnest(?::text[], ?::uuid[]) as k(workspace_id, profile_id)
            on m.workspace_id = k.workspace_id and m.profile_id = k.profile_id
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, Arrays.workspaces(connection, keys));
      statement.setArray(2, Arrays.profiles(connection, keys));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Standing standing = standing(row);
          found
              .computeIfAbsent(Arrays.key(row), _ -> new HashMap<>())
              .put(standing.segmentId(), standing);
        }
      }
    }
    return found;
  }

  private static Standing standing(ResultSet row) throws SQLException {
    return new Standing(
        row.getString("segment_id"),
        row.getBoolean("member"),
        Arrays.requiredInstant(row, "since"),
        row.getLong("version"),
        row.getLong("segment_version"),
        Arrays.instant(row, "due_at"),
        Reason.parse(row.getString("reason")));
  }

  /**
   * Writes what was decided. The version makes it a compare-and-set: a row that somebody else
   * changed meanwhile ends the transaction, so that it's done again.
   */
  public void save(Connection connection, SortedMap<ProfileKey, Decision> decisions)
      throws SQLException {
    String sql =
        """
        insert into segment.membership as m
            (workspace_id, profile_id, segment_id, member, since, version, segment_version, due_at, reason)
        select * from unnest(?::text[], ?::uuid[], ?::text[], ?::boolean[], ?::timestamptz[], ?::bigint[],
            ?::bigint[], ?::timestamptz[], ?::text[])
        on conflict (workspace_id, profile_id, segment_id) do update
            set member = excluded.member, since = excluded.since, version = excluded.version,
                segment_version = excluded.segment_version, due_at = excluded.due_at, reason = excluded.reason
            where m.version < excluded.version
        """;
    List<ProfileKey> keys = new ArrayList<>();
    List<Standing> rows = new ArrayList<>();
    decisions.forEach((key, decision) ->
        decision
            .changed()
            .forEach(standing -> {
              keys.add(key);
              rows.add(standing);
            }));
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(connection, statement, keys, rows);
      int written = statement.executeUpdate();
      if (written != rows.size()) {
        throw new SQLException("a membership changed under its lock", "40001");
      }
    }
  }

  private static void bind(
      Connection connection,
      PreparedStatement statement,
      List<ProfileKey> keys,
      List<Standing> rows)
      throws SQLException {
    statement.setArray(1, Arrays.workspaces(connection, keys));
    statement.setArray(2, Arrays.profiles(connection, keys));
    statement.setArray(
        3, Arrays.texts(connection, rows.stream().map(Standing::segmentId).toList()));
    statement.setArray(
        4, connection.createArrayOf("boolean", rows.stream().map(Standing::member).toArray()));
    statement.setArray(5, Arrays.times(connection, rows.stream().map(Standing::since).toList()));
    statement.setArray(
        6, connection.createArrayOf("bigint", rows.stream().map(Standing::version).toArray()));
    statement.setArray(
        7,
        connection.createArrayOf("bigint", rows.stream().map(Standing::segmentVersion).toArray()));
    List<@Nullable Instant> due = new ArrayList<>(rows.size());
    rows.forEach(standing -> due.add(standing.dueAt()));
    statement.setArray(8, Arrays.times(connection, due));
    statement.setArray(
        9, Arrays.texts(connection, rows.stream().map(row -> row.reason().wire()).toList()));
  }

  /**
   * Whether anything is due. Asks for the earliest due time, which the index gives at once: for a
   * mere comparison Postgres may read the whole table to find that nothing is.
   */
  public boolean isDue(Connection connection, Instant until) throws SQLException {
    String sql =
        """
        select due_at <= ? from segment.membership
        where due_at is not null order by due_at limit 1
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, Arrays.utc(until));
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  /** The profiles for which something is due, those that wait longest first. */
  public SortedSet<ProfileKey> due(Connection connection, Instant until, int limit)
      throws SQLException {
    String sql =
        """
        select workspace_id, profile_id from segment.membership
        where due_at <= ? order by due_at limit ?
        """;
    SortedSet<ProfileKey> keys = new TreeSet<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, Arrays.utc(until));
      statement.setInt(2, limit);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          keys.add(Arrays.key(row));
        }
      }
    }
    return keys;
  }

  /** Of these profiles those with a standing that an older definition decided. */
  public List<ProfileId> outdated(
      Connection connection,
      String workspaceId,
      String segmentId,
      long segmentVersion,
      Collection<ProfileId> among)
      throws SQLException {
    String sql =
        """
        select profile_id from segment.membership
        where workspace_id = ? and profile_id = any(?) and segment_id = ? and segment_version < ?
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      statement.setArray(
          2, connection.createArrayOf("uuid", among.stream().map(ProfileId::uuid).toArray()));
      statement.setString(3, segmentId);
      statement.setLong(4, segmentVersion);
      return ProfileReader.ids(statement);
    }
  }

  /** The first members of the segment. */
  public List<ProfileId> members(
      Connection connection, String workspaceId, String segmentId, int limit) throws SQLException {
    String sql =
        """
        select profile_id from segment.membership
        where workspace_id = ? and segment_id = ? and member order by profile_id limit ?
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      statement.setString(2, segmentId);
      statement.setInt(3, limit);
      return ProfileReader.ids(statement);
    }
  }

  /** Deletes the standings of a segment that is no more; nobody must be a member. */
  public int deleteSome(Connection connection, String workspaceId, String segmentId, int limit)
      throws SQLException {
    String sql =
        """
        delete from segment.membership m using (
            select workspace_id, profile_id, segment_id from segment.membership
            where workspace_id = ? and segment_id = ? and not member limit ?) d
        where m.workspace_id = d.workspace_id and m.profile_id = d.profile_id
            and m.segment_id = d.segment_id
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      statement.setString(2, segmentId);
      statement.setInt(3, limit);
      return statement.executeUpdate();
    }
  }

  /** Deletes all standings of these profiles. */
  public void delete(Connection connection, Collection<ProfileKey> keys) throws SQLException {
    String sql =
        """
        delete from segment.membership m
        using unnest(?::text[], ?::uuid[]) as k(workspace_id, profile_id)
        where m.workspace_id = k.workspace_id and m.profile_id = k.profile_id
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, Arrays.workspaces(connection, keys));
      statement.setArray(2, Arrays.profiles(connection, keys));
      statement.executeUpdate();
    }
  }
}
