package io.tributary.ingestion.files;

import io.tributary.ingestion.accept.Reason;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A row of a file.
 *
 * @param line where it begins, from 1
 * @param text as it's written; empty where it can be made of the fields
 * @param size characters, about
 * @param fields by column; null where it can't be read
 * @param flaw why not
 * @param version tells it apart from another row that becomes the same; null for nothing
 */
public record Row(
    long line,
    String text,
    int size,
    @Nullable ObjectNode fields,
    @Nullable Reason flaw,
    @Nullable String version) {
  /** One that can be read. */
  public static Row of(long line, String text, int size, ObjectNode fields) {
    return new Row(line, text, size, fields, null, null);
  }

  /** One that can't. */
  public static Row flawed(long line, String text, String code, String message) {
    return new Row(line, text, text.length(), null, new Reason(code, "$", message), null);
  }
}
