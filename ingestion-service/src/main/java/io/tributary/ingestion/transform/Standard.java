package io.tributary.ingestion.transform;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import java.text.Normalizer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Currency;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The one form that all values of a kind have; empty for what isn't of the kind. */
public sealed interface Standard {

  /** Characters of a value; what is longer is none of these. */
  int MAX_LENGTH = 2_000;

  /** What a value is, in words. */
  String kind();

  /** The standard form. */
  default Optional<String> of(String value) {
    if (value.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    String clean = clean(value);
    return clean.isEmpty() ? Optional.empty() : cleaned(clean);
  }

  /** The standard form of a text that was cleaned before. */
  Optional<String> cleaned(String text);

  /** Unicode in its composed form (NFC), spaces as one, nothing invisible, none at the ends. */
  private static String clean(String value) {
    String composed = Normalizer.normalize(value, Normalizer.Form.NFC);
    StringBuilder out = new StringBuilder(composed.length());
    composed
        .codePoints()
        .forEach(c -> {
          if (Character.isWhitespace(c) || Character.getType(c) == Character.SPACE_SEPARATOR) {
            if (!out.isEmpty() && out.charAt(out.length() - 1) != ' ') {
              out.append(' ');
            }
          } else if (Character.getType(c) != Character.CONTROL
              && Character.getType(c) != Character.FORMAT) {
            out.appendCodePoint(c);
          }
        });
    return out.toString().strip();
  }

  /** A text as it is, but clean. */
  record Text() implements Standard {
    @Override
    public String kind() {
      return "text";
    }

    @Override
    public Optional<String> cleaned(String text) {
      return Optional.of(text);
    }
  }

  /** An e-mail address in lower case, without {@code mailto:}. */
  record Email() implements Standard {
    private static final Pattern ADDRESS =
        Pattern.compile(
            "[^\\s@\"(),:;<>\\[\\\\\\]]{1,64}@(?:[\\p{L}\\p{N}](?:[\\p{L}\\p{N}\\p{M}-]{0,62})\\.)+[\\p{L}\\p{N}\\p{M}-]{2,63}");
    private static final String SCHEME = "mailto:";

    @Override
    public String kind() {
      return "e-mail address";
    }

    @Override
    public Optional<String> cleaned(String text) {
      String lower = text.toLowerCase(Locale.ROOT);
      String address = lower.startsWith(SCHEME) ? lower.substring(SCHEME.length()) : lower;
      return Optional.of(address)
          .filter(each -> each.length() <= 254 && ADDRESS.matcher(each).matches());
    }
  }

  /**
   * A telephone number in E.164.
   *
   * @param region of numbers without a country's code, such as DE; null takes none of those
   */
  record Phone(@Nullable String region) implements Standard {
    private static final PhoneNumberUtil NUMBERS = PhoneNumberUtil.getInstance();

    /** Whether numbers can be of this region, such as DE. */
    public static boolean knows(String region) {
      return NUMBERS.getSupportedRegions().contains(region);
    }

    @Override
    public String kind() {
      return "telephone number";
    }

    @Override
    public Optional<String> cleaned(String text) {
      if (region == null && !text.startsWith("+")) {
        return Optional.empty();
      }
      try {
        PhoneNumber number = NUMBERS.parse(text, region);
        return NUMBERS.isPossibleNumber(number)
            ? Optional.of(NUMBERS.format(number, PhoneNumberFormat.E164))
            : Optional.empty();
      } catch (NumberParseException e) {
        return Optional.empty();
      }
    }
  }

  /** A country by its code of two letters (ISO 3166), found by codes and by names. */
  record Country() implements Standard {
    /** Languages in which names are known; English is one of them. */
    private static final List<Locale> LANGUAGES =
        List.of(
            Locale.ENGLISH,
            Locale.GERMAN,
            Locale.FRENCH,
            Locale.ITALIAN,
            Locale.of("es"),
            Locale.of("nl"),
            Locale.of("pl"),
            Locale.of("pt"));

    private static final Map<String, String> CODES = codes();

    private static Map<String, String> codes() {
      Map<String, String> codes = new HashMap<>();
      for (String code : Locale.getISOCountries()) {
        Locale country = Locale.of("", code);
        for (Locale language : LANGUAGES) {
          codes.putIfAbsent(key(country.getDisplayCountry(language)), code);
        }
        codes.put(key(country.getISO3Country()), code);
      }
      for (String code : Locale.getISOCountries()) {
        codes.put(key(code), code);
      }
      Map.of(
              "uk",
              "GB",
              "usa",
              "US",
              "u.s.a.",
              "US",
              "u.s.",
              "US",
              "great britain",
              "GB",
              "england",
              "GB")
          .forEach(codes::put);
      return Map.copyOf(codes);
    }

    private static String key(String name) {
      return name.toLowerCase(Locale.ROOT);
    }

    @Override
    public String kind() {
      return "country";
    }

    @Override
    public Optional<String> cleaned(String text) {
      return Optional.ofNullable(CODES.get(key(text)));
    }
  }

  /** A currency by its code (ISO 4217), found by codes and by signs that one currency has alone. */
  record CurrencyCode() implements Standard {
    private static final Map<String, String> SIGNS =
        Map.of(
            "€", "EUR", "£", "GBP", "₹", "INR", "₺", "TRY", "₩", "KRW", "₫", "VND", "zł", "PLN",
            "Kč", "CZK");

    @Override
    public String kind() {
      return "currency";
    }

    @Override
    public Optional<String> cleaned(String text) {
      String sign = SIGNS.get(text);
      if (sign != null) {
        return Optional.of(sign);
      }
      try {
        return Optional.of(Currency.getInstance(text.toUpperCase(Locale.ROOT)).getCurrencyCode());
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }
  }

  /**
   * A person's name: one all in capitals or all in small letters gets capitals where they belong.
   */
  record Name() implements Standard {
    @Override
    public String kind() {
      return "name";
    }

    @Override
    public Optional<String> cleaned(String text) {
      boolean small = text.equals(text.toLowerCase(Locale.ROOT));
      boolean large = text.equals(text.toUpperCase(Locale.ROOT));
      if (small == large || (large && text.codePointCount(0, text.length()) <= 2)) {
        return Optional.of(text);
      }
      StringBuilder out = new StringBuilder(text.length());
      boolean begins = true;
      for (int i = 0; i < text.length(); ) {
        int c = text.codePointAt(i);
        out.appendCodePoint(begins ? Character.toTitleCase(c) : Character.toLowerCase(c));
        begins = c == ' ' || c == '-' || c == '\'' || c == '’' || c == '.';
        i += Character.charCount(c);
      }
      return Optional.of(out.toString());
    }
  }

  /**
   * A day as {@code 2026-01-31}, or a time as {@code 2026-01-31T12:00:00Z}.
   *
   * @param formats how else it may be written, as patterns of {@link DateTimeFormatter}; tried in
   *     order, behind ISO 8601
   * @param zone of times that have none of their own
   */
  record Date(List<DateTimeFormatter> formats, ZoneId zone) implements Standard {
    private static final DateTimeFormatter ISO =
        DateTimeFormatter.ofPattern(
            "yyyy-MM-dd['T'HH:mm[:ss][.SSSSSSSSS][.SSSSSS][.SSS][XXX][X]]", Locale.ROOT);

    /** Copies the list. */
    public Date {
      formats = List.copyOf(formats);
    }

    @Override
    public String kind() {
      return "date";
    }

    @Override
    public Optional<String> cleaned(String text) {
      return java.util.stream.Stream.concat(java.util.stream.Stream.of(ISO), formats.stream())
          .flatMap(format -> parsed(text, format).stream())
          .findFirst();
    }

    private Optional<String> parsed(String text, DateTimeFormatter format) {
      try {
        TemporalAccessor found =
            format.withZone(zone).parseBest(text, ZonedDateTime::from, LocalDate::from);
        return Optional.of(
            switch (found) {
              case ZonedDateTime time -> plausible(time.toInstant()).toString();
              case LocalDate day -> plausible(day).toString();
              default -> throw new DateTimeException("not a date");
            });
      } catch (DateTimeException e) {
        return Optional.empty();
      }
    }

    /** A year of more or fewer than four digits was read from something else. */
    private static Instant plausible(Instant time) {
      plausible(LocalDate.ofInstant(time, java.time.ZoneOffset.UTC));
      return time;
    }

    private static LocalDate plausible(LocalDate day) {
      if (day.getYear() < 1000 || day.getYear() > 9999) {
        throw new DateTimeException("not a year");
      }
      return day;
    }
  }
}
