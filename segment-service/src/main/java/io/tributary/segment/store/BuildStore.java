package io.tributary.segment.store;

import io.tributary.event.ProfileId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The work on definitions, one row each. A worker claims it for a while and says after each chunk
 * how far it is, in the chunk's transaction; when it dies, another goes on from there.
 */
public final class BuildStore {
  /** How often a piece of work may fail for a reason that lies in it. */
  private static final int MAX_ATTEMPTS = 5;

  /** Work from the beginning, of the segments that are named in its middle. */
  private static final String BEGIN =
      """
      insert into segment.build as b (workspace_id, segment_id, state, step, target_version, started_at)
      %s
      on conflict (workspace_id, segment_id) do update
          set state = 'building', step = 'fill', target_version = excluded.target_version,
              started_at = excluded.started_at, next_profile = null, done = 0, total = 0,
              finished_at = null, attempts = 0, problem = null, lease_owner = null, lease_until = null
      """;

  /** A new or edited condition: whoever works on an older one finds out at its next chunk. */
  public void begin(
      Connection connection, String workspaceId, String segmentId, long version, Instant now)
      throws SQLException {
    String sql = BEGIN.formatted("values (?, ?, 'building', 'fill', ?, ?)");
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      statement.setString(2, segmentId);
      statement.setLong(3, version);
      statement.setObject(4, Arrays.utc(now));
      statement.executeUpdate();
    }
  }

  /**
   * Every segment of every workspace once more, in the condition it has: for when what it should
   * have been told is gone. No service may run meanwhile.
   *
   * @return how many segments
   */
  public int beginAll(Connection connection, Instant now) throws SQLException {
    String sql =
        BEGIN.formatted(
            """
            select workspace_id, segment_id, 'building', 'fill', version, ?
            from segment.segment where not deleted
            """);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, Arrays.utc(now));
      return statement.executeUpdate();
    }
  }

  /** A deleted segment: it is in effect no more, and its members are to leave. */
  public void beginDeletion(
      Connection connection, String workspaceId, String segmentId, Instant now)
      throws SQLException {
    String sql =
        """
        update segment.build
        set state = 'deleting', step = 'clear', started_at = ?, next_profile = null, done = 0, total = 0,
            attempts = 0, problem = null, lease_owner = null, lease_until = null
        where workspace_id = ? and segment_id = ?
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, Arrays.utc(now));
      statement.setString(2, workspaceId);
      statement.setString(3, segmentId);
      mustChangeOne(statement, segmentId);
    }
  }

  /** Whether the last work on it was given up. */
  public boolean hasFailed(Connection connection, String workspaceId, String segmentId)
      throws SQLException {
    String sql =
        """
        select exists (select from segment.build
            where workspace_id = ? and segment_id = ? and state = 'failed')
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      statement.setString(2, segmentId);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  /** Takes the oldest open piece of work that nobody works on. */
  public Optional<Build> claim(Connection connection, String owner, Instant now, Duration lease)
      throws SQLException {
    String sql =
        """
        update segment.build b set lease_owner = ?, lease_until = ?
        from (select workspace_id, segment_id from segment.build
              where state in ('building', 'deleting') and (lease_until is null or lease_until < ?)
              order by started_at limit 1 for update skip locked) c
        where b.workspace_id = c.workspace_id and b.segment_id = c.segment_id
        returning b.*
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, owner);
      statement.setObject(2, Arrays.utc(now.plus(lease)));
      statement.setObject(3, Arrays.utc(now));
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(build(row)) : Optional.empty();
      }
    }
  }

  private static Build build(ResultSet row) throws SQLException {
    UUID after = row.getObject("next_profile", UUID.class);
    return new Build(
        row.getString("workspace_id"),
        row.getString("segment_id"),
        Build.Step.valueOf(row.getString("step").toUpperCase(Locale.ROOT)),
        row.getLong("target_version"),
        after == null ? null : new ProfileId(after),
        row.getLong("done"),
        row.getString("lease_owner"));
  }

  /** Sets how much there is to do in all. */
  public void setTotal(Connection connection, Build build, long total) throws SQLException {
    String sql = "update segment.build set total = ? where " + OWNED;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, total);
      own(statement, 2, build);
      statement.executeUpdate();
    }
  }

  /** Says how far it is; false when the work is no longer the caller's, who must then roll back. */
  public boolean advance(
      Connection connection, Build build, @Nullable ProfileId after, long done, Instant leaseUntil)
      throws SQLException {
    String sql =
        "update segment.build set next_profile = ?, done = ?, lease_until = ? where " + OWNED;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, after == null ? null : after.uuid());
      statement.setLong(2, done);
      statement.setObject(3, Arrays.utc(leaseUntil));
      own(statement, 4, build);
      return statement.executeUpdate() == 1;
    }
  }

  /** Puts the new condition into effect; everybody is to be decided about next. */
  public boolean goLive(Connection connection, Build build, Instant leaseUntil)
      throws SQLException {
    String sql =
        """
        update segment.build b
        set live_version = s.version, live_condition = s.condition, step = 'evaluate',
            next_profile = null, lease_until = ?
        from segment.segment s
        where s.workspace_id = b.workspace_id and s.segment_id = b.segment_id
            and s.version = b.target_version and b.workspace_id = ? and b.segment_id = ?
            and b.target_version = ? and b.lease_owner = ? and b.step = 'fill'
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, Arrays.utc(leaseUntil));
      own(statement, 2, build);
      return statement.executeUpdate() == 1;
    }
  }

  /** The work is done. */
  public boolean finish(Connection connection, Build build, Instant now) throws SQLException {
    String sql =
        """
        update segment.build
        set state = case when state = 'deleting' then 'deleted' else 'ready' end, step = 'none',
            live_condition = case when state = 'deleting' then null else live_condition end,
            finished_at = ?, next_profile = null, done = greatest(done, total), attempts = 0,
            problem = null, lease_owner = null, lease_until = null
        where
        """
            + OWNED;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, Arrays.utc(now));
      own(statement, 2, build);
      return statement.executeUpdate() == 1;
    }
  }

  /**
   * The work failed: it is tried again from where it was, at the end of the lease, but not for ever
   * where the reason lies in it.
   */
  public void fail(Connection connection, Build build, boolean counts, String problem)
      throws SQLException {
    String sql =
        """
        update segment.build
        set attempts = attempts + ?, problem = ?,
            state = case when attempts + ? >= ? and state = 'building' then 'failed' else state end
        where
        """
            + OWNED;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setInt(1, counts ? 1 : 0);
      statement.setString(2, problem);
      statement.setInt(3, counts ? 1 : 0);
      statement.setInt(4, MAX_ATTEMPTS);
      own(statement, 5, build);
      statement.executeUpdate();
    }
  }

  private static final String OWNED =
      " workspace_id = ? and segment_id = ? and target_version = ? and lease_owner = ?";

  private static void own(PreparedStatement statement, int from, Build build) throws SQLException {
    statement.setString(from, build.workspaceId());
    statement.setString(from + 1, build.segmentId());
    statement.setLong(from + 2, build.targetVersion());
    statement.setString(from + 3, build.owner());
  }

  private static void mustChangeOne(PreparedStatement statement, String segmentId)
      throws SQLException {
    if (statement.executeUpdate() != 1) {
      throw new IllegalStateException("there is no work row for segment " + segmentId);
    }
  }
}
