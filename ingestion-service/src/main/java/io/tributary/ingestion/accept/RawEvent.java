package io.tributary.ingestion.accept;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An item of a request, cut into its top-level fields.
 *
 * @param from where it stands in the request (inclusive)
 * @param to where it ends (exclusive)
 * @param fields the last one of each name; null when the item is no object
 */
record RawEvent(int from, int to, @Nullable Map<String, Field> fields) {

  boolean isTooLarge() {
    return to - from > Limits.EVENT_BYTES;
  }

  @Nullable Field field(String name) {
    Field field = fields == null ? null : fields.get(name);
    return field == null || field.isNull() ? null : field;
  }
}
