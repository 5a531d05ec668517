package io.tributary.identity.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Binds rows as one array per column, for statements that read them with {@code unnest}: one round
 * trip and one plan, however many rows.
 */
final class Columns<T> {
  private final PreparedStatement statement;
  private final Collection<T> rows;
  private int column;

  private Columns(PreparedStatement statement, Collection<T> rows, int column) {
    this.statement = statement;
    this.rows = rows;
    this.column = column;
  }

  static <T> Columns<T> of(PreparedStatement statement, Collection<T> rows) {
    return new Columns<>(statement, rows, 0);
  }

  /** Begins behind the first parameters, which are bound otherwise. */
  static <T> Columns<T> after(PreparedStatement statement, Collection<T> rows, int parameters) {
    return new Columns<>(statement, rows, parameters);
  }

  Columns<T> text(Function<? super T, ? extends @Nullable Object> value) throws SQLException {
    return bind("text", value);
  }

  Columns<T> uuid(Function<? super T, ? extends @Nullable Object> value) throws SQLException {
    return bind("uuid", value);
  }

  Columns<T> number(Function<? super T, ? extends Number> value) throws SQLException {
    return bind("bigint", row -> value.apply(row).longValue());
  }

  /** {@link Instant#MIN} stands for minus infinity. */
  Columns<T> time(Function<? super T, Instant> value) throws SQLException {
    return bind(
        "timestamptz",
        row -> {
          Instant instant = value.apply(row);
          return instant.equals(Instant.MIN) ? "-infinity" : instant.toString();
        });
  }

  private Columns<T> bind(String type, Function<? super T, ? extends @Nullable Object> value)
      throws SQLException {
    Connection connection = statement.getConnection();
    Object[] values = new Object[rows.size()];
    int i = 0;
    for (T row : rows) {
      values[i++] = value.apply(row);
    }
    statement.setArray(++column, connection.createArrayOf(type, values));
    return this;
  }

  /** A time that may be minus infinity, which is {@link Instant#MIN}. */
  static Instant instant(OffsetDateTime value) {
    return value.equals(OffsetDateTime.MIN) ? Instant.MIN : value.toInstant();
  }

  static OffsetDateTime utc(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
