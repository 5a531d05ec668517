package io.tributary.conditions;

import java.time.Duration;

/** Rolling windows: whole seconds, one second to three years. */
final class Windows {

  /** Three years, a leap day included. */
  static final Duration LONGEST = Duration.ofDays(1096);

  private Windows() {}

  static void require(Duration window) {
    if (window.compareTo(Duration.ofSeconds(1)) < 0
        || window.compareTo(LONGEST) > 0
        || window.toNanosPart() != 0) {
      throw new IllegalArgumentException("a window has whole seconds, from one to three years");
    }
  }

  static long micros(Duration window) {
    return window.toSeconds() * 1_000_000;
  }
}
