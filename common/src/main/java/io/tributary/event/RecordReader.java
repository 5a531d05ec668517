package io.tributary.event;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * Reads the flat records that services exchange, with an event inside where they carry one, in one
 * pass.
 */
final class RecordReader {
  private final Map<String, String> values = new HashMap<>();
  private final Map<String, List<String>> lists = new HashMap<>();
  private @Nullable CollectedEvent event;

  private RecordReader() {}

  static RecordReader read(byte[] bytes) {
    RecordReader reader = new RecordReader();
    try (JsonParser parser = Json.FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedRecordException("a record must be a JSON object");
      }
      String field;
      while ((field = parser.nextName()) != null) {
        reader.field(field, parser.nextToken(), parser, bytes);
      }
    } catch (JacksonException e) {
      throw new MalformedRecordException("a record must be valid JSON", e);
    }
    return reader;
  }

  private void field(String field, JsonToken token, JsonParser parser, byte[] bytes) {
    if (token == JsonToken.START_OBJECT && field.equals("event")) {
      event = EventReader.read(parser, bytes);
    } else if (token == JsonToken.START_ARRAY) {
      List<String> texts = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
          texts.add(text(parser));
        } else {
          parser.skipChildren();
        }
      }
      lists.put(field, texts);
    } else if (token.isScalarValue() && token != JsonToken.VALUE_NULL) {
      values.put(field, text(parser));
    } else {
      parser.skipChildren();
    }
  }

  /** A text that can be written again. */
  private static String text(JsonParser parser) {
    String text = parser.getString();
    for (int i = 0; i < text.length(); i++) {
      if (Json.isHalfOfPair(text, i)) {
        throw new MalformedRecordException("a text holds half of a surrogate pair");
      }
    }
    return text;
  }

  String text(String field) {
    String value = values.get(field);
    if (value == null) {
      throw new MalformedRecordException(field + " is missing");
    }
    return value;
  }

  @Nullable String optionalText(String field) {
    return values.get(field);
  }

  long number(String field) {
    try {
      return Long.parseLong(text(field));
    } catch (NumberFormatException e) {
      throw new MalformedRecordException(field + " must be a whole number", e);
    }
  }

  Instant instant(String field) {
    return EventReader.instant(values.get(field), field);
  }

  ProfileId profile(String field) {
    return ProfileId.tryParse(text(field))
        .orElseThrow(() -> new MalformedRecordException(field + " must be a profile id"));
  }

  @Nullable ProfileId optionalProfile(String field) {
    return values.containsKey(field) ? profile(field) : null;
  }

  List<String> texts(String field) {
    return lists.getOrDefault(field, List.of());
  }

  CollectedEvent event() {
    if (event == null) {
      throw new MalformedRecordException("event is missing");
    }
    return event;
  }
}
