package io.tributary.conditions;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A statement for Postgres with its bind values, in the order of the question marks.
 *
 * @param text the statement; it holds nothing that a user wrote
 * @param binds the values: String, Boolean, Integer, Long, BigDecimal, UUID, OffsetDateTime,
 *     String[]; for setObject
 */
public record Sql(String text, List<Object> binds) {

  public Sql {
    binds = List.copyOf(binds);
  }

  /** Counts what this statement selects. */
  public Sql count() {
    return new Sql("select count(*) from (" + text + ") matched", binds);
  }

  /**
   * The first ids in order that this statement selects, after the given one: a page of the result.
   */
  public Sql page(UUID after, int limit) {
    List<Object> paged = new ArrayList<>(binds);
    paged.add(after);
    paged.add(limit);
    return new Sql(
        "select profile_id from ("
            + text
            + ") matched where profile_id > ? order by profile_id limit ?",
        paged);
  }
}
