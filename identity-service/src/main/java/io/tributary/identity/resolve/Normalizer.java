package io.tributary.identity.resolve;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import java.text.Normalizer.Form;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Brings values into the one form in which they are compared, or says that they name nobody. */
final class Normalizer {
  static final int MAX_LENGTH = 500;
  private static final int MAX_EMAIL_LENGTH = 254;

  /** What broken sources send in place of an id; compared in lower case. */
  private static final Set<String> BLOCKED =
      Set.of(
          "-1",
          "anonymous",
          "guest",
          "distinctid",
          "distinct_id",
          "id",
          "not_authenticated",
          "email",
          "undefined",
          "true",
          "false",
          "[object object]",
          "nan",
          "none",
          "null",
          "void",
          "unknown");

  private static final Pattern ZEROS_AND_DASHES = Pattern.compile("[0-]*");
  private static final Pattern EXTERNAL_TYPE = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  private static final Pattern EMAIL =
      Pattern.compile(
          "[^\\s@\\p{Cntrl}\"(),:;<>\\[\\\\\\]]{1,64}@"
              + "(?:[\\p{L}\\p{N}](?:[\\p{L}\\p{N}\\p{M}-]{0,61}[\\p{L}\\p{N}\\p{M}])?\\.)+"
              + "[\\p{L}\\p{N}\\p{M}-]{2,63}");

  private final PhoneNumberUtil phones = PhoneNumberUtil.getInstance();
  private final @Nullable String defaultRegion;

  Normalizer(@Nullable String defaultRegion) {
    if (defaultRegion != null && !phones.getSupportedRegions().contains(defaultRegion)) {
      throw new IllegalArgumentException(
          "not a region code such as DE or US for telephone numbers: " + defaultRegion);
    }
    this.defaultRegion = defaultRegion;
  }

  /** An id that only its source understands. */
  Optional<String> opaque(@Nullable String raw) {
    return clean(raw).filter(value -> !isBlocked(value));
  }

  /** An e-mail address in lower case. */
  Optional<String> email(String raw) {
    return clean(raw)
        .map(value -> value.toLowerCase(Locale.ROOT))
        .filter(value -> value.length() <= MAX_EMAIL_LENGTH && EMAIL.matcher(value).matches());
  }

  /** A telephone number in E.164 form. */
  Optional<String> phone(String raw) {
    return clean(raw).flatMap(this::international);
  }

  /** Whether a type of external id is one; {@code group} stands for whole groups. */
  boolean isExternalType(String type) {
    return EXTERNAL_TYPE.matcher(type).matches() && !type.equals("group");
  }

  private Optional<String> international(String value) {
    if (!value.startsWith("+") && defaultRegion == null) {
      return Optional.empty();
    }
    try {
      PhoneNumber number = phones.parse(value, defaultRegion);
      return phones.isPossibleNumber(number)
          ? Optional.of(phones.format(number, PhoneNumberFormat.E164))
          : Optional.empty();
    } catch (NumberParseException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> clean(@Nullable String raw) {
    if (raw == null || raw.length() > 2 * MAX_LENGTH) {
      return Optional.empty();
    }
    String value = java.text.Normalizer.normalize(raw.strip(), Form.NFC);
    return value.isEmpty() || value.length() > MAX_LENGTH || !isStorable(value)
        ? Optional.empty()
        : Optional.of(value);
  }

  /** Postgres knows no NUL, and half a surrogate pair would come back as another text. */
  private static boolean isStorable(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\0') {
        return false;
      }
      if (Character.isSurrogate(c)) {
        boolean paired =
            Character.isHighSurrogate(c)
                && i + 1 < value.length()
                && Character.isLowSurrogate(value.charAt(i + 1));
        if (!paired) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  private static boolean isBlocked(String value) {
    return ZEROS_AND_DASHES.matcher(value).matches()
        || BLOCKED.contains(value.toLowerCase(Locale.ROOT));
  }
}
