package io.tributary.ingestion.webhook;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * When a request was signed.
 *
 * @param tolerance how far from now it may lie, either way
 */
record Stamp(Place at, Unit unit, Duration tolerance) {
  /** What its number counts since 1970. */
  enum Unit {
    SECONDS,
    MILLIS
  }

  /** As it's written; empty when there's none. */
  String text(Incoming request, Payload payload) {
    List<String> values = at.values(request, payload);
    return values.isEmpty() ? "" : values.getFirst();
  }

  /** Whether it's a time within the tolerance. */
  boolean isRecent(String text, Instant now) {
    try {
      long number = Long.parseLong(text);
      long millis =
          switch (unit) {
            case SECONDS -> Math.multiplyExact(number, 1000L);
            case MILLIS -> number;
          };
      long apart = Math.subtractExact(now.toEpochMilli(), millis);
      return apart <= tolerance.toMillis() && apart >= -tolerance.toMillis();
    } catch (ArithmeticException | NumberFormatException e) {
      return false;
    }
  }
}
