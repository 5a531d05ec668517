package io.tributary.conditions;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What is known of one profile. Numbers must be exact: read JSON with {@code
 * DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS}.
 */
public interface Facts {

  /**
   * The profile's resolved trait with this top-level key, or null. Dotted paths are followed by the
   * condition itself.
   */
  @Nullable JsonNode trait(String key);

  /**
   * The kept occurrences of the pattern, at least those that {@link Occurrences#prune} keeps; never
   * null.
   */
  Occurrences occurrences(EventPattern pattern);

  /** Whether the profile is a member of the segment now. */
  boolean memberOf(String segmentId);
}
