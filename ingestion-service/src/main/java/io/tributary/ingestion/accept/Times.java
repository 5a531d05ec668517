package io.tributary.ingestion.accept;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads times as clients write them and corrects them for the clients' clocks. */
final class Times {
  /** Below this a number counts seconds: as milliseconds it would be before March 1973. */
  private static final long SMALLEST_MILLIS = 100_000_000_000L;

  private static final long LARGEST_MILLIS = 253_402_300_799_999L;

  private static final DateTimeFormatter LENIENT =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .optionalStart()
          .appendPattern("['T'][' ']HH:mm[:ss]")
          .optionalStart()
          .appendFraction(ChronoField.NANO_OF_SECOND, 1, 9, true)
          .optionalEnd()
          .optionalStart()
          .appendLiteral(' ')
          .optionalEnd()
          .optionalStart()
          .appendOffset("+HH:MM:ss", "Z")
          .optionalEnd()
          .optionalStart()
          .appendOffset("+HHMM", "Z")
          .optionalEnd()
          .optionalStart()
          .appendOffset("+HH", "Z")
          .optionalEnd()
          .optionalEnd()
          .toFormatter(Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT);

  private Times() {}

  /**
   * A time in ISO 8601, with offset or in UTC, or as a number of milliseconds (or seconds) since
   * 1970; empty when it's none.
   */
  static Optional<Instant> parse(String text, boolean number) {
    try {
      String stripped = text.strip();
      if (number || isDigits(stripped)) {
        return numeric(stripped);
      }
      Instant parsed = usual(stripped);
      return Optional.of(
          (parsed == null ? lenient(stripped) : parsed).truncatedTo(ChronoUnit.MICROS));
    } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * When the event happened by the server's clock: {@code receivedAt - (sentAt - original)}, never
   * later than {@code receivedAt}.
   */
  static Instant corrected(
      Instant receivedAt, @Nullable Instant original, @Nullable Instant sentAt) {
    if (original == null) {
      return receivedAt;
    }
    Instant at =
        sentAt == null
            ? original
            : receivedAt.minus(ChronoUnit.MICROS.between(original, sentAt), ChronoUnit.MICROS);
    return at.isAfter(receivedAt) ? receivedAt : at;
  }

  /** Whether an event claims to have happened more than a second after this moment. */
  static boolean isAhead(@Nullable Instant original, Instant moment) {
    return original != null && original.isAfter(moment.plusSeconds(1));
  }

  private static Optional<Instant> numeric(String text) {
    if (text.length() > 32) {
      return Optional.empty();
    }
    double value = Double.parseDouble(text);
    double millis = Math.abs(value) < SMALLEST_MILLIS ? value * 1000 : value;
    return millis >= 0 && millis <= LARGEST_MILLIS
        ? Optional.of(Instant.ofEpochMilli((long) millis))
        : Optional.empty();
  }

  private static boolean isDigits(String text) {
    return text.length() >= 9 && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** The one form that all SDKs send, {@code 2026-01-02T03:04:05.678Z}; null for any other. */
  private static @Nullable Instant usual(String text) {
    if (text.length() != 24
        || text.charAt(10) != 'T'
        || text.charAt(23) != 'Z'
        || text.charAt(4) != '-'
        || text.charAt(7) != '-'
        || text.charAt(13) != ':'
        || text.charAt(16) != ':'
        || text.charAt(19) != '.') {
      return null;
    }
    LocalDateTime local =
        LocalDateTime.of(
            digits(text, 0, 4),
            digits(text, 5, 7),
            digits(text, 8, 10),
            digits(text, 11, 13),
            digits(text, 14, 16),
            digits(text, 17, 19),
            digits(text, 20, 23) * 1_000_000);
    return local.toInstant(ZoneOffset.UTC);
  }

  private static int digits(String text, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw new NumberFormatException("not a digit");
      }
      value = value * 10 + digit;
    }
    return value;
  }

  private static Instant lenient(String text) {
    TemporalAccessor parsed =
        LENIENT.parseBest(text, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
    return switch (parsed) {
      case OffsetDateTime time -> time.toInstant();
      case LocalDateTime time -> time.toInstant(ZoneOffset.UTC);
      case LocalDate date -> date.atStartOfDay(ZoneOffset.UTC).toInstant();
      default -> throw new DateTimeException("not a time");
    };
  }
}
