package io.tributary.ingestion.accept;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/** Cuts a request into events and their top-level fields, in one pass and without copying. */
final class RequestReader {
  private final byte[] body;
  private final byte[] readable;
  private final Screening screening;
  private final List<RawEvent> events = new ArrayList<>();
  private @Nullable RawEvent surplus;
  private @Nullable RawEvent envelope;
  private boolean batchSeen;

  private RequestReader(byte[] body) {
    this.body = body;
    this.screening = Screening.of(body);
    this.readable = screening.readable();
  }

  static Reading read(byte[] body, Call call) {
    return new RequestReader(body).read(call);
  }

  private Reading read(Call call) {
    try (JsonParser parser = Limits.JSON.createParser(ObjectReadContext.empty(), readable)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return illegible("not_an_object", "The body must be a JSON object.");
      }
      envelope = call.type().isPresent() ? event(parser) : batch(parser);
      if (parser.nextToken() != null) {
        return illegible("invalid_json", "Something follows the JSON object of the body.");
      }
    } catch (JacksonException e) {
      return illegible("invalid_json", "The body isn't valid JSON" + place(e) + ".");
    }
    if (call.type().isPresent()) {
      events.add(envelope);
    } else if (!batchSeen) {
      return illegible("batch_missing", "The body must have a list of events named batch.");
    }
    for (String shared : List.of("context", "integrations", "sentAt", "writeKey")) {
      Field field = call.type().isPresent() ? null : envelope.field(shared);
      if (field != null && field.length() > Limits.SHARED_BYTES) {
        return new Reading.Illegible(
            "batch_field_too_large",
            "The field " + shared + " of the batch exceeds " + Limits.SHARED_BYTES + " bytes.",
            true);
      }
    }
    return new Reading.Legible(
        new CollectRequest(body, call, screening, envelope, events, surplus));
  }

  private RawEvent batch(JsonParser parser) {
    int start = offset(parser);
    Map<String, Field> fields = new LinkedHashMap<>();
    String name;
    while ((name = parser.nextName()) != null) {
      JsonToken token = parser.nextToken();
      if (name.equals("batch") && token == JsonToken.START_ARRAY) {
        batchSeen = true;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          item(parser);
        }
      } else if (CollectRequest.SHARED.contains(name)) {
        fields.put(name, field(name, token, parser));
      } else {
        parser.skipChildren();
      }
    }
    return new RawEvent(start, end(parser), fields);
  }

  private void item(JsonParser parser) {
    if (events.size() < Limits.BATCH_EVENTS) {
      events.add(event(parser));
      return;
    }
    int start = surplus == null ? offset(parser) : surplus.from();
    Field field = value(parser.currentToken(), parser);
    surplus = new RawEvent(start, field.to(), null);
  }

  private RawEvent event(JsonParser parser) {
    int start = offset(parser);
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return new RawEvent(start, value(parser.currentToken(), parser).to(), null);
    }
    Map<String, Field> fields = new LinkedHashMap<>();
    String name;
    while ((name = parser.nextName()) != null) {
      Field field = field(name, parser.nextToken(), parser);
      // What is refused for its size anyway mustn't fill the memory with its fields; what tells
      // whose it is and which it is stays.
      if (field.to() - start <= Limits.EVENT_BYTES
          || name.equals("writeKey")
          || name.equals("messageId")) {
        fields.put(name, field);
      }
    }
    return new RawEvent(start, end(parser), fields);
  }

  private Field field(String name, JsonToken token, JsonParser parser) {
    return token == JsonToken.START_OBJECT
            && (name.equals("context") || name.equals("integrations"))
        ? parts(parser, name.equals("context"))
        : value(token, parser);
  }

  /**
   * An object whose own fields may be merged with others, or are looked at.
   *
   * @param context whether it's a context, of whose library is looked at name and version
   */
  private Field parts(JsonParser parser, boolean context) {
    int start = offset(parser);
    Map<String, Field> parts = new LinkedHashMap<>();
    String name;
    while ((name = parser.nextName()) != null) {
      JsonToken token = parser.nextToken();
      Field part =
          context && token == JsonToken.START_OBJECT && name.equals("library")
              ? parts(parser, false)
              : value(token, parser);
      if (part.to() - start <= Limits.EVENT_BYTES) {
        parts.put(name, part);
      }
    }
    return new Field(JsonToken.START_OBJECT, readable, start, end(parser), parts);
  }

  private Field value(JsonToken token, JsonParser parser) {
    int start = offset(parser);
    int end;
    if (token == JsonToken.VALUE_STRING) {
      end = endOfString(start);
    } else {
      parser.skipChildren();
      end = end(parser);
    }
    return new Field(token, readable, start, end, Map.of());
  }

  /** The parser reads a string only when it moves on; its end is found here without decoding it. */
  private int endOfString(int start) {
    int i = start + 1;
    while (i < readable.length && readable[i] != '"') {
      i += readable[i] == '\\' ? 2 : 1;
    }
    return Math.min(i + 1, readable.length);
  }

  private static int offset(JsonParser parser) {
    return (int) parser.currentTokenLocation().getByteOffset();
  }

  private static int end(JsonParser parser) {
    return (int) parser.currentLocation().getByteOffset();
  }

  private static Reading illegible(String code, String message) {
    return new Reading.Illegible(code, message, false);
  }

  private static String place(JacksonException e) {
    return e.getLocation() == null || e.getLocation().getByteOffset() < 0
        ? ""
        : " (at byte " + e.getLocation().getByteOffset() + ")";
  }
}
