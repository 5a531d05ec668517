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
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** Asks Postgres which profiles match a condition, by the condition's own SQL. */
public final class Matches {
  private Matches() {}

  /** Of these roots those that match. */
  public static List<ProfileId> among(
      Connection connection,
      Condition condition,
      String workspaceId,
      Collection<ProfileId> roots,
      Instant now)
      throws SQLException {
    Sql sql =
        ConditionSql.compileAmong(
            condition, workspaceId, roots.stream().map(ProfileId::uuid).toList(), now);
    try (PreparedStatement statement = prepare(connection, sql)) {
      return ProfileReader.ids(statement);
    }
  }

  /** How many roots of the workspace match. */
  public static long count(
      Connection connection, Condition condition, String workspaceId, Instant now)
      throws SQLException {
    Sql sql = ConditionSql.compile(condition, workspaceId, now).count();
    try (PreparedStatement statement = prepare(connection, sql);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /** The first roots of the workspace that match. */
  public static List<ProfileId> first(
      Connection connection, Condition condition, String workspaceId, Instant now, int limit)
      throws SQLException {
    Sql sql = ConditionSql.compile(condition, workspaceId, now).page(new UUID(0, 0), limit);
    try (PreparedStatement statement = prepare(connection, sql)) {
      return ProfileReader.ids(statement);
    }
  }

  /** A statement with its values bound. */
  static PreparedStatement prepare(Connection connection, Sql sql) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql.text());
    bind(connection, statement, sql, 1);
    return statement;
  }

  /** Binds the values from the given place on; answers the place behind them. */
  static int bind(Connection connection, PreparedStatement statement, Sql sql, int from)
      throws SQLException {
    int place = from;
    for (Object value : sql.binds()) {
      if (value instanceof String[] texts) {
        statement.setArray(place++, connection.createArrayOf("text", texts));
      } else {
        statement.setObject(place++, value);
      }
    }
    return place;
  }
}
