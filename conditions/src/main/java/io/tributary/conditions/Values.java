package io.tributary.conditions;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** How JSON values read as numbers and dates; {@link ValueSql} says the same in SQL. */
final class Values {

  static final Instant FIRST_DATE = Instant.parse("1000-01-01T00:00:00Z");
  static final Instant LAST_DATE = Instant.parse("9999-12-31T23:59:59.999999Z");

  /** What {@link #micros} answers for a value that is not a date. */
  static final long NO_DATE = Long.MIN_VALUE;

  /** Digits of a number on either side of the point. */
  static final int MAX_DIGITS = 30;

  private static final BigDecimal SECONDS_BELOW = new BigDecimal("100000000000");
  private static final BigDecimal MILLIS_BELOW = new BigDecimal("250000000000000");
  private static final int MAX_DATE_SCALE = 100;

  private Values() {}

  static boolean isMissing(@Nullable JsonNode value) {
    return value == null
        || value.isNull()
        || value.isMissingNode()
        || (value.isString() && value.stringValue().isEmpty());
  }

  /** The same number with one notation for one value; refuses what the grammar can't write. */
  static BigDecimal canonical(BigDecimal number) {
    if (number.signum() == 0) {
      return BigDecimal.ZERO;
    }
    if (!isBounded(number)) {
      throw new IllegalArgumentException(
          "a number has at most 30 digits on either side of the point");
    }
    BigDecimal stripped = number.stripTrailingZeros();
    return stripped.scale() < 0 ? stripped.setScale(0, RoundingMode.UNNECESSARY) : stripped;
  }

  static boolean isBounded(BigDecimal number) {
    return number.signum() == 0
        || ((long) number.precision() - number.scale() <= MAX_DIGITS
            && number.stripTrailingZeros().scale() <= MAX_DIGITS);
  }

  /** The value as a number, or null: JSON numbers and texts of the decimal grammar. */
  static @Nullable BigDecimal decimal(JsonNode value) {
    if (value.isNumber()) {
      return value.decimalValue();
    }
    if (value.isString()) {
      String text = value.stringValue();
      return isDecimal(text) ? new BigDecimal(text) : null;
    }
    return null;
  }

  /** The grammar {@code -?(0|[1-9][0-9]{0,29})([.][0-9]{1,30})?}. */
  static boolean isDecimal(String text) {
    int length = text.length();
    int i = length > 0 && text.charAt(0) == '-' ? 1 : 0;
    int whole = digits(text, i, length);
    if (whole == i || whole - i > MAX_DIGITS || (text.charAt(i) == '0' && whole - i > 1)) {
      return false;
    }
    if (whole == length) {
      return true;
    }
    int end = digits(text, whole + 1, length);
    return text.charAt(whole) == '.'
        && end == length
        && end > whole + 1
        && end - whole - 1 <= MAX_DIGITS;
  }

  private static int digits(String text, int from, int limit) {
    int i = from;
    while (i < limit && isDigit(text.charAt(i))) {
      i++;
    }
    return i;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** The value as a date in epoch microseconds, or {@link #NO_DATE}. */
  static long micros(JsonNode value) {
    if (value.isString()) {
      return DateText.micros(value.stringValue());
    }
    return value.isNumber() ? epochMicros(value) : NO_DATE;
  }

  private static long epochMicros(JsonNode value) {
    BigDecimal number = value.decimalValue();
    // The scale is bounded before any arithmetic: 1e-999999999 must not be spelled out.
    if (number.scale() > MAX_DATE_SCALE) {
      return NO_DATE;
    }
    BigDecimal amount = number.abs();
    if (amount.compareTo(SECONDS_BELOW) < 0) {
      return number.movePointRight(6).setScale(0, RoundingMode.FLOOR).longValueExact();
    }
    if (amount.compareTo(MILLIS_BELOW) < 0) {
      return number.movePointRight(3).setScale(0, RoundingMode.FLOOR).longValueExact();
    }
    return NO_DATE;
  }

  static long micros(Instant moment) {
    return Math.addExact(
        Math.multiplyExact(moment.getEpochSecond(), 1_000_000L), moment.getNano() / 1000);
  }

  static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000);
  }

  /** Folds case one character to one, as Postgres does in its collation pg_c_utf8. */
  static String lowerCase(String text) {
    StringBuilder folded = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      folded.appendCodePoint(Character.toLowerCase(c));
      i += Character.charCount(c);
    }
    return folded.toString();
  }
}
