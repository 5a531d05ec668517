package io.tributary.profile.store;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Binds rows column by column as arrays for {@code unnest}. JSON travels as bytea, which needs no
 * escaping, and is turned into jsonb by the statement.
 */
final class Columns<R> {
  /** {@code micros} since 1970 as a timestamptz expression over a column. */
  static String time(String column) {
    return "timestamptz 'epoch' + " + column + " * interval '1 microsecond'";
  }

  /** A timestamptz column as microseconds since 1970. */
  static String micros(String column) {
    return "(extract(epoch from " + column + ") * 1000000)::bigint";
  }

  /** A bytea column that holds JSON. */
  static String json(String column) {
    return "convert_from(" + column + ", 'UTF8')::jsonb";
  }

  private final Connection connection;
  private final PreparedStatement statement;
  private final List<R> rows;
  private int next = 1;

  Columns(Connection connection, PreparedStatement statement, List<R> rows) {
    this.connection = connection;
    this.statement = statement;
    this.rows = rows;
  }

  Columns<R> text(Function<R, @Nullable String> value) throws SQLException {
    return bind("text", new String[rows.size()], value);
  }

  Columns<R> uuid(Function<R, @Nullable Object> value) throws SQLException {
    return bind("uuid", new Object[rows.size()], value);
  }

  Columns<R> number(Function<R, @Nullable Long> value) throws SQLException {
    return bind("bigint", new Long[rows.size()], value);
  }

  Columns<R> flag(Function<R, @Nullable Boolean> value) throws SQLException {
    return bind("boolean", new Boolean[rows.size()], value);
  }

  Columns<R> bytes(Function<R, byte @Nullable []> value) throws SQLException {
    return bind("bytea", new byte[rows.size()][], value);
  }

  Columns<R> json(Function<R, @Nullable String> value) throws SQLException {
    return bytes(row -> {
      String text = value.apply(row);
      return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    });
  }

  private <T> Columns<R> bind(String type, @Nullable T[] array, Function<R, ? extends T> value)
      throws SQLException {
    for (int i = 0; i < array.length; i++) {
      array[i] = value.apply(rows.get(i));
    }
    statement.setArray(next++, connection.createArrayOf(type, array));
    return this;
  }
}
