package io.tributary.conditions;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An answer and its next flip in one long, so that evaluating a tree allocates nothing: the lowest
 * bit says whether it matches, the others hold the flip in epoch microseconds, {@link #NEVER} being
 * later than any time.
 */
final class Outcome {

  static final long NEVER = Long.MAX_VALUE >> 1;

  private Outcome() {}

  static long of(boolean matches, long flip) {
    return flip << 1 | (matches ? 1 : 0);
  }

  static boolean matches(long outcome) {
    return (outcome & 1) == 1;
  }

  static long flip(long outcome) {
    return outcome >> 1;
  }

  static @Nullable Instant nextFlip(long outcome) {
    long flip = flip(outcome);
    return flip == NEVER ? null : Values.instant(flip);
  }
}
