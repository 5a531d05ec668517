package io.tributary.ingestion.destination;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * How long attempts took that were answered, counted in steps.
 *
 * @param counts one per step, and one for what took longer than the last
 */
record Times(List<Long> counts) {
  /** Upper ends of the steps, in milliseconds. */
  private static final List<Integer> STEPS =
      List.of(5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000);

  /** How many counts there are. */
  static final int SIZE = STEPS.size() + 1;

  /** Copies the list. */
  Times {
    counts = List.copyOf(counts);
  }

  /** Which count an attempt belongs to. */
  static int step(Duration took) {
    long millis = took.toMillis();
    int step = 0;
    while (step < STEPS.size() && millis >= STEPS.get(step)) {
      step++;
    }
    return step;
  }

  /** The upper end of the step in which the 95th of a hundred lies, in ms; empty without any. */
  OptionalLong p95() {
    long all = counts.stream().mapToLong(Long::longValue).sum();
    long seen = 0;
    for (int i = 0; i < counts.size(); i++) {
      seen += counts.get(i);
      if (all > 0 && seen * 100 >= all * 95) {
        return OptionalLong.of(STEPS.get(Math.min(i, STEPS.size() - 1)));
      }
    }
    return OptionalLong.empty();
  }
}
