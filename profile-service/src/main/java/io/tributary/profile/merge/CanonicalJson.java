package io.tributary.profile.merge;

import io.tributary.event.MalformedRecordException;
import io.tributary.event.RawJson;
import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Writes a JSON value in the one form that all its spellings share: keys sorted, no spaces, numbers
 * without exponent and trailing zeros. So equal values compare equal, also after Postgres has kept
 * them as jsonb.
 */
final class CanonicalJson {
  private static final int MAX_DIGITS = 1000;

  private CanonicalJson() {}

  /** Reads the value whose first token the parser stands on, and leaves it on the last one. */
  static RawJson read(JsonParser parser) {
    StringBuilder out = new StringBuilder(32);
    value(parser, parser.currentToken(), out);
    return RawJson.of(out.toString());
  }

  private static void value(JsonParser parser, JsonToken token, StringBuilder out) {
    switch (token) {
      case START_OBJECT -> object(parser, out);
      case START_ARRAY -> array(parser, out);
      case VALUE_STRING -> text(parser.getString(), out);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser.getString(), out);
      case VALUE_TRUE -> out.append("true");
      case VALUE_FALSE -> out.append("false");
      case VALUE_NULL -> out.append("null");
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new MalformedRecordException("a JSON value was expected");
    }
  }

  private static void object(JsonParser parser, StringBuilder out) {
    Map<String, String> fields = new TreeMap<>();
    String name;
    while ((name = parser.nextName()) != null) {
      StringBuilder field = new StringBuilder();
      value(parser, parser.nextToken(), field);
      fields.put(name, field.toString());
    }
    char separator = '{';
    for (Map.Entry<String, String> field : fields.entrySet()) {
      text(field.getKey(), out.append(separator));
      out.append(':').append(field.getValue());
      separator = ',';
    }
    out.append(fields.isEmpty() ? "{}" : "}");
  }

  private static void array(JsonParser parser, StringBuilder out) {
    char separator = '[';
    boolean empty = true;
    JsonToken token;
    while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
      value(parser, token, out.append(separator));
      separator = ',';
      empty = false;
    }
    out.append(empty ? "[]" : "]");
  }

  private static void text(String value, StringBuilder out) {
    out.append('"');
    JsonStringEncoder.getInstance().quoteAsString(value, out);
    out.append('"');
  }

  /** A number that would fill memory when written out is refused before it's written. */
  private static void number(String digits, StringBuilder out) {
    BigDecimal number = new BigDecimal(digits);
    if (Math.abs((long) number.scale()) > MAX_DIGITS || number.precision() > MAX_DIGITS) {
      throw new MalformedRecordException("a number has more than " + MAX_DIGITS + " digits");
    }
    out.append(number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString());
  }
}
