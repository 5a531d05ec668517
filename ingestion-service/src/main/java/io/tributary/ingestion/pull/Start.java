package io.tributary.ingestion.pull;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** From where rows are read. */
sealed interface Start {
  /**
   * What was handled longer ago isn't read again, or only up to twice as long ago: much less than
   * the 30 days for which message ids are remembered.
   */
  Duration SETTLED = Duration.ofDays(7);

  /** From the first. */
  record Beginning() implements Start {}

  /**
   * From so far before a value of the cursor; what has that value is read again.
   *
   * @param seconds how much further back where the cursor is a time: as long as the pass before
   *     took, in which a value may have been passed by long before the end
   * @param floor the row behind which it begins at the earliest; null for any
   */
  record At(String position, long back, long seconds, @Nullable Behind floor) implements Start {}

  /** Behind a row. */
  record Behind(String position, long hash) implements Start {}

  /**
   * Where a turn begins: a pass that was interrupted goes on where it was; any other one goes back,
   * for what came late, but not to what was handled so long ago that its message ids may be
   * forgotten.
   */
  static Start of(Pull pull, int overlap, Instant now) {
    String position = pull.position();
    Instant passed = pull.passedAt();
    boolean settled = passed != null && passed.plus(SETTLED).isBefore(now);
    return position == null || pull.passMoved() || settled
        ? behind(pull)
        : new At(position, overlap, pull.passSeconds(), pull.floor());
  }

  /** Behind the last row that was handled. */
  static Start behind(Pull pull) {
    String position = pull.position();
    return position == null ? new Beginning() : new Behind(position, pull.positionHash());
  }
}
