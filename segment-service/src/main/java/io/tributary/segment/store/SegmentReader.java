package io.tributary.segment.store;

import io.tributary.event.ProfileId;
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
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What people look at: definitions with their state, members, history. */
public final class SegmentReader {

  /**
   * A segment with how far it has come.
   *
   * @param condition its JSON
   * @param state building, ready or failed
   */
  public record Segment(
      String id,
      String name,
      String description,
      String condition,
      long version,
      long rowVersion,
      String state,
      Progress progress,
      Instant createdAt,
      Instant updatedAt) {}

  /**
   * How far the work on a definition is.
   *
   * @param step fill, evaluate or none
   */
  public record Progress(
      String step,
      long done,
      long total,
      Instant startedAt,
      @Nullable Instant finishedAt,
      @Nullable String problem) {}

  /** A member. */
  public record Member(ProfileId profileId, Instant since) {}

  /** A crossing of the past. */
  public record Past(
      ProfileId profileId,
      String change,
      Instant at,
      String reason,
      @Nullable String messageId,
      int shard,
      long id) {}

  private static final String SELECT =
      """
      select s.segment_id, s.name, s.description, s.condition::text as condition, s.version, s.row_version,
          s.created_at, s.updated_at, b.state, b.step, b.done, b.total, b.started_at, b.finished_at, b.problem
      from segment.segment s join segment.build b using (workspace_id, segment_id)
      where s.workspace_id = ? and not s.deleted
      """;

  /** One segment. */
  public Optional<Segment> find(Connection connection, String workspaceId, String segmentId)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(SELECT + " and s.segment_id = ?")) {
      statement.setString(1, workspaceId);
      statement.setString(2, segmentId);
      return list(statement).stream().findFirst();
    }
  }

  /** A page of segments by id. */
  public List<Segment> page(Connection connection, String workspaceId, String after, int limit)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            SELECT + " and s.segment_id > ? order by s.segment_id limit ?")) {
      statement.setString(1, workspaceId);
      statement.setString(2, after);
      statement.setInt(3, limit);
      return list(statement);
    }
  }

  private static List<Segment> list(PreparedStatement statement) throws SQLException {
    List<Segment> found = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        found.add(
            new Segment(
                row.getString("segment_id"),
                row.getString("name"),
                row.getString("description"),
                row.getString("condition"),
                row.getLong("version"),
                row.getLong("row_version"),
                row.getString("state"),
                new Progress(
                    row.getString("step"),
                    row.getLong("done"),
                    row.getLong("total"),
                    Arrays.requiredInstant(row, "started_at"),
                    Arrays.instant(row, "finished_at"),
                    row.getString("problem")),
                Arrays.requiredInstant(row, "created_at"),
                Arrays.requiredInstant(row, "updated_at")));
      }
    }
    return found;
  }

  /** How many members each of these segments has. */
  public Map<String, Long> counts(
      Connection connection, String workspaceId, Collection<String> segmentIds)
      throws SQLException {
    String sql =
        """
        select segment_id, count(*) from segment.membership
        where workspace_id = ? and segment_id = any(?) and member group by segment_id
        """;
    Map<String, Long> counts = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      statement.setArray(2, Arrays.texts(connection, segmentIds));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          counts.put(row.getString(1), row.getLong(2));
        }
      }
    }
    return counts;
  }

  /** A page of members by profile id. */
  public List<Member> members(
      Connection connection, String workspaceId, String segmentId, UUID after, int limit)
      throws SQLException {
    String sql =
        """
        select profile_id, since from segment.membership
        where workspace_id = ? and segment_id = ? and member and profile_id > ?
        order by profile_id limit ?
        """;
    List<Member> members = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      statement.setString(2, segmentId);
      statement.setObject(3, after);
      statement.setInt(4, limit);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          members.add(
              new Member(
                  new ProfileId(row.getObject("profile_id", UUID.class)),
                  Arrays.requiredInstant(row, "since")));
        }
      }
    }
    return members;
  }

  /**
   * A page of crossings, the latest first.
   *
   * @param before the last one of the page before; null at the beginning
   */
  public List<Past> history(
      Connection connection,
      String workspaceId,
      String segmentId,
      @Nullable Place before,
      int limit)
      throws SQLException {
    String sql =
        """
        select profile_id, change, at, reason, message_id, shard, id from segment.transition
        where workspace_id = ? and segment_id = ? %s
        order by at desc, shard desc, id desc limit ?
        """
            .formatted(before == null ? "" : "and (at, shard, id) < (?, ?, ?)");
    List<Past> history = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      int place = 1;
      statement.setString(place++, workspaceId);
      statement.setString(place++, segmentId);
      if (before != null) {
        statement.setObject(place++, Arrays.utc(before.at()));
        statement.setInt(place++, before.shard());
        statement.setLong(place++, before.id());
      }
      statement.setInt(place, limit);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          history.add(
              new Past(
                  new ProfileId(row.getObject("profile_id", UUID.class)),
                  row.getString("change"),
                  Arrays.requiredInstant(row, "at"),
                  row.getString("reason"),
                  row.getString("message_id"),
                  row.getInt("shard"),
                  row.getLong("id")));
        }
      }
    }
    return history;
  }

  /** A place in the history. */
  public record Place(Instant at, int shard, long id) {}
}
