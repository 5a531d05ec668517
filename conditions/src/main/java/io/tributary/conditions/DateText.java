package io.tributary.conditions;

import java.time.LocalDate;

/**
 * Reads a date's text by hand, since this lies on the hot path. The package's page has the grammar.
 */
final class DateText {

  private DateText() {}

  /** The text as epoch microseconds, or {@link Values#NO_DATE}. */
  static long micros(String text) {
    int length = text.length();
    if (length < 10 || text.charAt(4) != '-' || text.charAt(7) != '-') {
      return Values.NO_DATE;
    }
    int year = number(text, 0, 4);
    int month = number(text, 5, 2);
    int day = number(text, 8, 2);
    if (year < 1000 || month < 1 || month > 12 || day < 1 || day > lengthOf(month, year)) {
      return Values.NO_DATE;
    }
    long midnight = LocalDate.of(year, month, day).toEpochDay() * 86_400;
    if (length == 10) {
      return midnight * 1_000_000;
    }
    char separator = text.charAt(10);
    return separator == 'T' || separator == ' ' ? timed(text, midnight) : Values.NO_DATE;
  }

  private static long timed(String text, long midnight) {
    int hour = number(text, 11, 2);
    int minute = at(text, 13) == ':' ? number(text, 14, 2) : -1;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) {
      return Values.NO_DATE;
    }
    int next = 16;
    int second = 0;
    long fraction = 0;
    if (at(text, next) == ':') {
      second = number(text, 17, 2);
      if (second < 0 || second > 59) {
        return Values.NO_DATE;
      }
      next = 19;
      if (at(text, next) == '.') {
        int end = fractionEnd(text);
        if (end < 0) {
          return Values.NO_DATE;
        }
        fraction = fraction(text, end);
        next = end;
      }
    }
    int offset = offsetSeconds(text, next);
    return offset == Integer.MIN_VALUE
        ? Values.NO_DATE
        : (midnight + hour * 3600L + minute * 60L + second - offset) * 1_000_000 + fraction;
  }

  private static int fractionEnd(String text) {
    int end = 20;
    while (at(text, end) >= '0' && at(text, end) <= '9') {
      end++;
    }
    return end == 20 || end > 29 ? -1 : end;
  }

  /** The first six digits as microseconds; finer ones are cut off. */
  private static long fraction(String text, int end) {
    long micros = 0;
    for (int i = 20; i < 26; i++) {
      micros = micros * 10 + (i < end ? text.charAt(i) - '0' : 0);
    }
    return micros;
  }

  /**
   * {@code Z}, {@code +05:30} or {@code +0530} to the end of the text, in seconds;
   * Integer.MIN_VALUE for anything else.
   */
  private static int offsetSeconds(String text, int from) {
    char sign = at(text, from);
    if (sign == 'Z') {
      return text.length() == from + 1 ? 0 : Integer.MIN_VALUE;
    }
    int minuteAt = at(text, from + 3) == ':' ? from + 4 : from + 3;
    int hours = number(text, from + 1, 2);
    int minutes = number(text, minuteAt, 2);
    if ((sign != '+' && sign != '-')
        || hours < 0
        || hours > 14
        || minutes < 0
        || minutes > 59
        || text.length() != minuteAt + 2) {
      return Integer.MIN_VALUE;
    }
    int seconds = hours * 3600 + minutes * 60;
    return sign == '-' ? -seconds : seconds;
  }

  private static int lengthOf(int month, int year) {
    return switch (month) {
      case 2 -> year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
      case 4, 6, 9, 11 -> 30;
      default -> 31;
    };
  }

  private static int number(String text, int from, int count) {
    int number = 0;
    for (int i = from; i < from + count; i++) {
      char c = at(text, i);
      if (c < '0' || c > '9') {
        return -1;
      }
      number = number * 10 + c - '0';
    }
    return number;
  }

  private static char at(String text, int index) {
    return index < text.length() ? text.charAt(index) : 0;
  }
}
