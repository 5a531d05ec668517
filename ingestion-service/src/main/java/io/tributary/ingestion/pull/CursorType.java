package io.tributary.ingestion.pull;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A type by whose values rows can be read one after another. */
enum CursorType {
  /** A moment. */
  TIMESTAMPTZ("timestamptz"),
  /** A time without a zone, taken for UTC. */
  TIMESTAMP("timestamp"),
  /** A day. */
  DATE("date"),
  /** A whole number of up to 64 bits. */
  INT8("int8"),
  /** Any other number. */
  NUMERIC("numeric");

  private static final Set<String> WHOLE =
      Set.of("int2", "int4", "int8", "smallserial", "serial", "bigserial");

  private final String sql;

  CursorType(String sql) {
    this.sql = sql;
  }

  /** The type that Postgres calls so; empty for one without an order that all agree on. */
  static Optional<CursorType> of(String name) {
    String type = name.toLowerCase(Locale.ROOT);
    if (WHOLE.contains(type)) {
      return Optional.of(INT8);
    }
    for (CursorType each : values()) {
      if (each.sql.equals(type)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  boolean isTime() {
    return this != INT8 && this != NUMERIC;
  }

  /** How JSON has its values, as a pattern; null for ISO 8601 with a time. */
  @Nullable String format() {
    return this == DATE ? "uuuu-MM-dd" : null;
  }

  /**
   * Which values count, as SQL: those that aren't beyond all others for good, so that one of them
   * doesn't end the reading.
   */
  String counts(String column) {
    return switch (this) {
      case TIMESTAMPTZ, TIMESTAMP, DATE ->
          "isfinite(" + column + ") and " + column + " <= now() + interval '1 day'";
      case INT8 -> column + " is not null";
      // Beyond that length nobody counts.
      case NUMERIC ->
          column
              + "::text not in ('NaN', 'Infinity', '-Infinity') and length("
              + column
              + "::text) < 60";
    };
  }

  /** A value as SQL. */
  String value(String position) {
    return "cast('" + position.replace("'", "''") + "' as " + sql + ")";
  }

  /**
   * What lies some seconds, or a difference of numbers, before a value, as SQL. A time ahead of the
   * clock counts as now: what comes next lies before it.
   */
  String before(String position, long back) {
    return switch (this) {
      case TIMESTAMPTZ, TIMESTAMP, DATE ->
          "cast(least("
              + TIMESTAMPTZ.value(position)
              + ", now()) - interval '"
              + back
              + " seconds' as "
              + sql
              + ")";
      case NUMERIC -> value(position) + " - " + back;
      // Less than the least there is would be an error.
      case INT8 ->
          "cast(greatest("
              + NUMERIC.value(position)
              + " - "
              + back
              + ", -9223372036854775808) as int8)";
    };
  }
}
