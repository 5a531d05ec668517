package io.tributary.segment.store;

import io.tributary.conditions.Condition;
import io.tributary.conditions.ConditionSql;
import io.tributary.conditions.Sql;
import io.tributary.event.ProfileId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The stored members of a segment beside those that its condition selects at a moment.
 *
 * @param missing how many match but are no members
 * @param extra how many are members but don't match
 */
public record Comparison(
    long matching,
    long members,
    long missing,
    long extra,
    List<ProfileId> missingSample,
    List<ProfileId> extraSample) {
  private static final int SAMPLE = 20;

  /** Compares within the transaction's one view of the data. */
  public static Comparison of(
      Connection connection, Condition condition, String workspaceId, String segmentId, Instant now)
      throws SQLException {
    Sql matching = ConditionSql.compile(condition, workspaceId, now);
    String sql =
        """
        with matching as materialized (%s),
            stored as materialized (select profile_id from segment.v_membership
                where workspace_id = ? and segment_id = ?),
            both_sides as (select m.profile_id as wanted, s.profile_id as held
                from matching m full join stored s on s.profile_id = m.profile_id)
        select (select count(*) from matching), (select count(*) from stored),
            count(*) filter (where held is null), count(*) filter (where wanted is null),
            (array_agg(wanted order by wanted) filter (where held is null))[:%d],
            (array_agg(held order by held) filter (where wanted is null))[:%d]
        from both_sides
        """
            .formatted(matching.text(), SAMPLE, SAMPLE);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      int place = Matches.bind(connection, statement, matching, 1);
      statement.setString(place, workspaceId);
      statement.setString(place + 1, segmentId);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new Comparison(
            row.getLong(1),
            row.getLong(2),
            row.getLong(3),
            row.getLong(4),
            sample(row, 5),
            sample(row, 6));
      }
    }
  }

  private static List<ProfileId> sample(ResultSet row, int column) throws SQLException {
    List<ProfileId> ids = new ArrayList<>();
    if (row.getArray(column) != null) {
      for (UUID id : (UUID[]) row.getArray(column).getArray()) {
        ids.add(new ProfileId(id));
      }
    }
    return ids;
  }
}
