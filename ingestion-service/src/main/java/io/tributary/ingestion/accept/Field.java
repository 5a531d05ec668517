package io.tributary.ingestion.accept;

import io.tributary.event.RawJson;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * A value as it stands in a request, not yet read.
 *
 * @param token its first token
 * @param source the readable request, in which it stands from {@code from} (inclusive) to {@code
 *     to}
 * @param parts the fields of an object whose fields were looked at; else empty
 */
record Field(JsonToken token, byte[] source, int from, int to, Map<String, Field> parts) {

  boolean isText() {
    return token == JsonToken.VALUE_STRING;
  }

  boolean isNumber() {
    return token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT;
  }

  boolean isNull() {
    return token == JsonToken.VALUE_NULL;
  }

  boolean isObject() {
    return token == JsonToken.START_OBJECT;
  }

  int length() {
    return to - from;
  }

  RawJson json() {
    return RawJson.slice(source, from, to);
  }

  /** The text of a string, or a number as it was written. */
  String text() {
    if (!isText()) {
      return new String(source, from, to - from, StandardCharsets.ISO_8859_1);
    }
    for (int i = from + 1; i < to - 1; i++) {
      if (source[i] == '\\') {
        return unescaped();
      }
    }
    return new String(source, from + 1, to - from - 2, StandardCharsets.UTF_8);
  }

  private String unescaped() {
    try (JsonParser parser =
        Limits.JSON.createParser(ObjectReadContext.empty(), source, from, to - from)) {
      parser.nextToken();
      return parser.getString();
    }
  }
}
