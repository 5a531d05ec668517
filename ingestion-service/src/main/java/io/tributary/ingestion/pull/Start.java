package io.tributary.ingestion.pull;

import java.time.Duration;
import java.time.Instant;

/** From where rows are read. */
sealed interface Start {
  /** Much shorter than the time for which message ids are remembered, 30 days. */
  Duration IDLE = Duration.ofDays(7);

  /** From the first. */
  record Beginning() implements Start {}

  /** From so far before a value of the cursor; what has that value is read again. */
  record At(String position, long back) implements Start {}

  /** Behind a row. */
  record Behind(String position, long hash) implements Start {}

  /**
   * Where a turn begins: a pass that was interrupted goes on where it was; any other one goes back,
   * for what came late, unless nothing new has come for so long that what is read again could be
   * forgotten.
   */
  static Start of(Pull pull, int overlap, Instant now) {
    String position = pull.position();
    Instant lastNew = pull.lastNewAt();
    if (position == null) {
      return new Beginning();
    }
    boolean idle = lastNew != null && lastNew.plus(IDLE).isBefore(now);
    return pull.passMoved() || idle
        ? new Behind(position, pull.positionHash())
        : new At(position, overlap);
  }
}
