package io.tributary.ingestion.destination;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message that is undelivered.
 *
 * @param id counts them in the order in which they were made
 * @param attempts that failed while others got through
 * @param problem of the last attempt
 * @param madeAt when it was first to be delivered
 * @param dueAt when it's tried again
 * @param waiting false when nobody tries it again by himself
 */
record Letter(
    long id,
    Message message,
    int attempts,
    @Nullable String problem,
    Instant madeAt,
    Instant dueAt,
    @Nullable Instant triedAt,
    boolean waiting) {
  /** The same after an attempt. */
  Letter tried(int times, String reason, Instant at, Instant due, boolean again) {
    return new Letter(id, message, times, reason, madeAt, due, at, again);
  }
}
