package io.tributary.profile.web;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import io.tributary.web.Problem;
import java.text.Normalizer;
import java.util.Locale;

/**
 * An identifier as a caller writes it, {@code type:value}, in the normal form that identity-service
 * stores.
 */
record IdentifierQuery(String type, String value) {
  private static final int MAX_LENGTH = 500;
  private static final String EXTERNAL = "external:";

  /** Reads {@code email:ada@example.org} or {@code external:shopify:123}. */
  static IdentifierQuery parse(String text) {
    int colon = text.indexOf(':', text.startsWith(EXTERNAL) ? EXTERNAL.length() : 0);
    if (colon <= 0) {
      throw invalid("must be type:value, such as email:ada@example.org");
    }
    return of(text.substring(0, colon), text.substring(colon + 1));
  }

  /** Brings a value of a type into the form in which it's compared. */
  static IdentifierQuery of(String type, String value) {
    String clean = Normalizer.normalize(value.strip(), Normalizer.Form.NFC);
    if (clean.isEmpty() || clean.length() > MAX_LENGTH || clean.indexOf('\0') >= 0) {
      throw invalid("needs a value of 1 to " + MAX_LENGTH + " characters");
    }
    return switch (type) {
      case "userId", "anonymousId" -> new IdentifierQuery(type, clean);
      case "email" -> new IdentifierQuery(type, clean.toLowerCase(Locale.ROOT));
      case "phone" -> new IdentifierQuery(type, phone(clean));
      default -> {
        if (type.startsWith(EXTERNAL) && type.length() > EXTERNAL.length()) {
          yield new IdentifierQuery(type, clean);
        }
        throw invalid("type must be userId, email, phone, anonymousId or external:<type>");
      }
    };
  }

  private static String phone(String value) {
    // A plus sign in a query string is a blank after decoding.
    String international = value.startsWith("+") ? value : "+" + value;
    try {
      PhoneNumberUtil phones = PhoneNumberUtil.getInstance();
      return phones.format(phones.parse(international, null), PhoneNumberFormat.E164);
    } catch (NumberParseException e) {
      throw invalid("must be a telephone number with its country code, such as +4930123456");
    }
  }

  private static Problem invalid(String message) {
    return Problem.invalid("identifier", "invalid_value", message);
  }
}
