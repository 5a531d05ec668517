package io.tributary.campaign.template;

import java.util.function.LongSupplier;

/**
 * What one rendering may use. Checked whenever something is written or filtered, so a template ends
 * itself: no thread has to be stopped from outside.
 */
final class Budget {
  static final int LONGEST_OUTPUT = 256 * 1024;
  static final int MOST_ITERATIONS = 10_000;
  static final int MOST_ELEMENTS = 10_000;
  static final int MOST_STEPS = 200_000;
  static final long LONGEST_NANOS = 1_000_000_000L;

  /** What one step counts at most: a process that stood still meanwhile isn't the template's. */
  static final long LONGEST_STEP_NANOS = 100_000_000L;

  private final LongSupplier nanos;
  private long last;
  private long spent;
  private int steps;

  Budget(LongSupplier nanos) {
    this.nanos = nanos;
    this.last = nanos.getAsLong();
  }

  void step() {
    if (++steps > MOST_STEPS) {
      throw new ExceededException("the template takes more than " + MOST_STEPS + " steps");
    }
    long now = nanos.getAsLong();
    spent += Math.min(now - last, LONGEST_STEP_NANOS);
    last = now;
    if (spent > LONGEST_NANOS) {
      throw new ExceededException("the template takes longer than a second");
    }
  }

  static void length(int length) {
    if (length > LONGEST_OUTPUT) {
      throw new ExceededException("the text grows beyond " + LONGEST_OUTPUT + " characters");
    }
  }

  /** Too much was asked for. */
  static final class ExceededException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ExceededException(String message) {
      super(message, null, false, false);
    }
  }
}
