package io.tributary.ingestion.activity;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is to be added to the figures of a source.
 *
 * @param events when the first and the last of the counted events came; null for none
 */
record Increment(
    Bucket bucket, Map<Counter, Long> counts, @Nullable Span events, List<Named> names) {
  /** Copies what it's given. */
  Increment {
    counts = Map.copyOf(counts);
    names = List.copyOf(names);
  }

  /** From when to when something was seen. */
  record Span(Instant first, Instant last) {}

  /**
   * So many of something.
   *
   * @param detail a second part of the name, such as a version; may be empty
   */
  record Named(Kind kind, String name, String detail, long count, Span seen) {}
}
