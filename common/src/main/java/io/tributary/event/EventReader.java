package io.tributary.event;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * Reads a {@link CollectedEvent} in one pass and cuts out, unread, the parts that only some stage
 * needs.
 */
final class EventReader {
  private @Nullable String workspaceId;
  private @Nullable String sourceId;
  private @Nullable String type;
  private @Nullable String messageId;
  private @Nullable String userId;
  private @Nullable String anonymousId;
  private @Nullable String previousId;
  private @Nullable String groupId;
  private @Nullable String event;
  private @Nullable String name;
  private @Nullable String timestamp;
  private @Nullable String receivedAt;
  private @Nullable RawJson traits;
  private @Nullable RawJson properties;
  private @Nullable RawJson context;
  private boolean historical;
  private boolean signed;

  private EventReader() {}

  static CollectedEvent read(byte[] bytes) {
    try (JsonParser parser = Json.FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedRecordException("an event must be a JSON object");
      }
      CollectedEvent event = read(parser, bytes);
      if (parser.nextToken() != null) {
        throw new MalformedRecordException("something follows the event");
      }
      return event;
    } catch (JacksonException e) {
      throw new MalformedRecordException("an event must be valid JSON", e);
    }
  }

  /** Reads the object whose start the parser stands on, and leaves the parser on its end. */
  static CollectedEvent read(JsonParser parser, byte[] bytes) {
    int start = offset(parser);
    EventReader reader = new EventReader();
    String field;
    while ((field = parser.nextName()) != null) {
      JsonToken token = parser.nextToken();
      reader.field(field, token, parser, bytes);
    }
    return reader.build(RawJson.slice(bytes, start, end(parser)));
  }

  private void field(String field, JsonToken token, JsonParser parser, byte[] bytes) {
    if (token == JsonToken.START_OBJECT) {
      RawJson raw = raw(parser, bytes);
      switch (field) {
        case "traits" -> traits = raw;
        case "properties" -> properties = raw;
        case "context" -> context = raw;
        default -> {}
      }
    } else if (token == JsonToken.VALUE_STRING) {
      text(field, parser);
    } else if (token == JsonToken.VALUE_TRUE) {
      historical |= field.equals(CollectedEvent.HISTORICAL);
      signed |= field.equals(CollectedEvent.SIGNED);
    } else {
      parser.skipChildren();
    }
  }

  private void text(String field, JsonParser parser) {
    switch (field) {
      case "workspaceId" -> workspaceId = parser.getString();
      case "sourceId" -> sourceId = parser.getString();
      case "type" -> type = parser.getString();
      case "messageId" -> messageId = parser.getString();
      case "userId" -> userId = parser.getString();
      case "anonymousId" -> anonymousId = parser.getString();
      case "previousId" -> previousId = parser.getString();
      case "groupId" -> groupId = parser.getString();
      case "event" -> event = parser.getString();
      case "name" -> name = parser.getString();
      case "timestamp" -> timestamp = parser.getString();
      case "receivedAt" -> receivedAt = parser.getString();
      default -> {}
    }
  }

  private CollectedEvent build(RawJson json) {
    EventType parsed =
        EventType.tryParse(required(type, "type"))
            .orElseThrow(() -> new MalformedRecordException("unknown event type"));
    return new CollectedEvent(
        required(workspaceId, "workspaceId"),
        required(sourceId, "sourceId"),
        parsed,
        required(messageId, "messageId"),
        userId,
        anonymousId,
        previousId,
        groupId,
        event,
        name,
        instant(timestamp, "timestamp"),
        instant(receivedAt, "receivedAt"),
        traits,
        properties,
        context,
        historical,
        signed,
        json);
  }

  private static String required(@Nullable String value, String field) {
    if (value == null) {
      throw new MalformedRecordException(field + " is missing");
    }
    return value;
  }

  static Instant instant(@Nullable String value, String field) {
    try {
      return UtcTime.parse(required(value, field));
    } catch (DateTimeParseException e) {
      throw new MalformedRecordException(field + " must be an ISO-8601 time in UTC", e);
    }
  }

  /** The value the parser stands on, left on its last token. */
  static RawJson raw(JsonParser parser, byte[] bytes) {
    int start = offset(parser);
    parser.skipChildren();
    return RawJson.slice(bytes, start, end(parser));
  }

  private static int offset(JsonParser parser) {
    return (int) parser.currentTokenLocation().getByteOffset();
  }

  private static int end(JsonParser parser) {
    return (int) parser.currentLocation().getByteOffset();
  }
}
