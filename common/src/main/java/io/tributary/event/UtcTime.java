package io.tributary.event;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;

/**
 * Reads ISO-8601 times in UTC. Records are read by every stage and carry two times each, which the
 * general parser makes a tenth of all the work.
 */
final class UtcTime {
  private static final int SECONDS_OF_DAY = 86_400;
  private static final int TO_SECONDS = "2026-11-24T08:00:00".length();
  private static final int MAX_FRACTION = 9;

  private UtcTime() {}

  /**
   * The same as {@link Instant#parse}.
   *
   * @throws DateTimeParseException when it isn't such a time
   */
  static Instant parse(String text) {
    int end = text.length() - 1;
    boolean isPlain =
        end >= TO_SECONDS
            && text.charAt(end) == 'Z'
            && text.charAt(4) == '-'
            && text.charAt(7) == '-'
            && text.charAt(10) == 'T'
            && text.charAt(13) == ':'
            && text.charAt(16) == ':'
            && (end == TO_SECONDS || text.charAt(TO_SECONDS) == '.');
    int year = number(text, 0, 4);
    int month = number(text, 5, 7);
    int day = number(text, 8, 10);
    int hour = number(text, 11, 13);
    int minute = number(text, 14, 16);
    int second = number(text, 17, 19);
    int nanos = isPlain ? nanos(text, TO_SECONDS + 1, end) : -1;
    // A negative number stands for what isn't one. The rare rest (leap seconds, 24:00, other years)
    // goes the long way, and so does what is wrong, for its message.
    if ((year | month | day | hour | minute | second | nanos) < 0
        || hour > 23
        || minute > 59
        || second > 59) {
      return Instant.parse(text);
    }
    try {
      long days = LocalDate.of(year, month, day).toEpochDay();
      long seconds = hour * 3_600L + minute * 60L + second;
      return Instant.ofEpochSecond(days * SECONDS_OF_DAY + seconds, nanos);
    } catch (DateTimeException e) {
      return Instant.parse(text);
    }
  }

  private static int nanos(String text, int from, int end) {
    int digits = end - from;
    if (digits < 1) {
      return digits == -1 ? 0 : -1; // no fraction at all, or a point with nothing behind it
    }
    if (digits > MAX_FRACTION) {
      return -1;
    }
    int nanos = number(text, from, end);
    for (int i = digits; i < MAX_FRACTION; i++) {
      nanos *= 10;
    }
    return nanos;
  }

  private static int number(String text, int from, int end) {
    if (end > text.length()) {
      return -1;
    }
    int number = 0;
    for (int i = from; i < end; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }
}
