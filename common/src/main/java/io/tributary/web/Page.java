package io.tributary.web;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list.
 *
 * @param data the entries
 * @param nextCursor hand it in as {@code cursor} for the next page; absent on the last one
 */
public record Page<T>(List<T> data, @Nullable String nextCursor) {
  /** Copies the entries. */
  public Page {
    data = List.copyOf(data);
  }

  /**
   * Cuts the page out of rows that were read with {@link PageQuery#fetchSize}, one more than the
   * page holds: the surplus row only says that there is a next page.
   */
  public static <T> Page<T> of(List<T> rows, PageQuery query, Function<T, Cursor> cursor) {
    if (rows.size() <= query.limit()) {
      return new Page<>(rows, null);
    }
    List<T> kept = rows.subList(0, query.limit());
    return new Page<>(kept, cursor.apply(kept.getLast()).encode());
  }

  /** The same page with its entries in another form. */
  public <R> Page<R> map(Function<? super T, ? extends R> form) {
    return new Page<R>(data.stream().<R>map(form).toList(), nextCursor);
  }
}
