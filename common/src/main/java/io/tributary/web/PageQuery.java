package io.tributary.web;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The parameters {@code limit} (1 to 200, default 50) and {@code cursor} of a list endpoint. An
 * endpoint just declares a parameter of this type.
 *
 * @param limit how many entries the page holds at most
 * @param cursor as handed in, not yet decoded
 */
public record PageQuery(int limit, @Nullable String cursor) {
  /** Entries per page where nothing is said. */
  public static final int DEFAULT_LIMIT = 50;

  /** Entries per page at most. */
  public static final int MAX_LIMIT = 200;

  /** Refuses a limit out of bounds. */
  public PageQuery {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw Problem.invalid(
          "limit", "out_of_range", "must be from 1 to " + MAX_LIMIT + " (was " + limit + ")");
    }
  }

  /** How many rows to read: one more than the page holds, see {@link Page#of}. */
  public int fetchSize() {
    return limit + 1;
  }

  /**
   * The place after which the page begins; empty for the first page.
   *
   * @param kind what {@link Cursor#of} was given; a cursor of another list is refused
   * @param size how many sort values this list's cursors carry
   */
  public Optional<Cursor> after(String kind, int size) {
    return Optional.ofNullable(cursor).map(text -> Cursor.decode(text, kind, size));
  }
}
