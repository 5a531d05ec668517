package io.tributary.ingestion.pull;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A type by whose values rows can be read one after another.
 *
 * @param name as Postgres calls it
 * @param isTime whether it's a moment; else a number
 */
record CursorType(String name, boolean isTime) {
  private static final Set<String> TIMES = Set.of("timestamptz", "timestamp", "date");
  private static final Set<String> NUMBERS =
      Set.of("int2", "int4", "int8", "numeric", "smallserial", "serial", "bigserial");

  /** The type of this name; empty for one without an order that all agree on. */
  static Optional<CursorType> of(String name) {
    String type = name.toLowerCase(Locale.ROOT);
    if (TIMES.contains(type)) {
      return Optional.of(new CursorType(type, true));
    }
    return NUMBERS.contains(type)
        ? Optional.of(new CursorType("numeric", false))
        : Optional.empty();
  }

  /** How JSON has its values, as a pattern; null for ISO 8601 with a time. */
  @Nullable String format() {
    return name.equals("date") ? "uuuu-MM-dd" : null;
  }

  /**
   * From where a turn reads, as SQL.
   *
   * @param back seconds, or a difference of numbers
   */
  String from(String position, int back) {
    String value = "cast(" + quoted(position) + " as " + name + ")";
    return back == 0
        ? value
        : value + " - " + (isTime ? "interval '" + back + " seconds'" : String.valueOf(back));
  }

  /** A text as a literal. */
  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
