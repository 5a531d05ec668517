package io.tributary.profile.merge;

import io.tributary.event.CollectedEvent;
import io.tributary.event.EventType;
import io.tributary.event.Json;
import io.tributary.event.MalformedRecordException;
import io.tributary.event.RawJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * What an event says about its profile.
 *
 * @param traits claims by top-level key: of an identify its {@code traits}, of any other call its
 *     {@code context.traits}. The {@code traits} of a group call are the group's.
 * @param consent claims by category, from {@code context.consent.categoryPreferences}
 * @param active false when the event happened without the person ({@code context.active: false}):
 *     it doesn't count as seen
 * @param ignored traits that can't be kept
 */
public record EventFacts(
    Map<String, Claim> traits,
    Map<String, Claim> consent,
    long micros,
    boolean active,
    List<IgnoredTrait> ignored) {
  /** The longest value of a trait, in bytes of JSON. */
  public static final int MAX_VALUE = 32 << 10;

  /** The longest name of a trait, in characters. */
  public static final int MAX_KEY = 255;

  /** A trait that wasn't taken over, and why. */
  public record IgnoredTrait(String key, String reason) {}

  /** Keeps the maps in their order. */
  public EventFacts {
    traits = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(traits));
    consent = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(consent));
    ignored = List.copyOf(ignored);
  }

  /**
   * Reads them.
   *
   * @throws MalformedRecordException when a value can't be understood or stored
   */
  public static EventFacts of(CollectedEvent event) {
    return new Reader(event).read();
  }

  /** The top-level traits that the event carried. */
  public List<String> traitKeys() {
    return List.copyOf(traits.keySet());
  }

  private static final class Reader {
    private final CollectedEvent event;
    private final long micros;
    private final Map<String, Claim> traits = new LinkedHashMap<>();
    private final Map<String, Claim> consent = new LinkedHashMap<>();
    private final List<IgnoredTrait> ignored = new ArrayList<>();
    private boolean active = true;

    Reader(CollectedEvent event) {
      this.event = event;
      this.micros = Micros.of(event.timestamp());
    }

    EventFacts read() {
      try {
        if (event.type() == EventType.IDENTIFY) {
          open(event.traits(), this::traits);
        }
        open(event.context(), this::context);
      } catch (JacksonException e) {
        throw new MalformedRecordException("traits or context can't be read", e);
      }
      return new EventFacts(traits, consent, micros, active, ignored);
    }

    private static void open(
        @Nullable RawJson object, java.util.function.Consumer<JsonParser> reader) {
      if (object == null) {
        return;
      }
      try (JsonParser parser =
          Json.FACTORY.createParser(ObjectReadContext.empty(), object.toBytes())) {
        parser.nextToken();
        reader.accept(parser);
      }
    }

    private void context(JsonParser parser) {
      String field;
      while ((field = parser.nextName()) != null) {
        JsonToken token = parser.nextToken();
        switch (field) {
          case "active" -> active = token != JsonToken.VALUE_FALSE;
          case "traits" -> {
            if (token == JsonToken.START_OBJECT && event.type() != EventType.IDENTIFY) {
              traits(parser);
            }
          }
          case "consent" -> consent(parser, token);
          default -> {}
        }
        // A part that was read is left on its end, where this does nothing.
        parser.skipChildren();
      }
    }

    private void consent(JsonParser parser, JsonToken start) {
      if (start != JsonToken.START_OBJECT) {
        return;
      }
      String field;
      while ((field = parser.nextName()) != null) {
        if (parser.nextToken() == JsonToken.START_OBJECT && field.equals("categoryPreferences")) {
          categories(parser);
        }
        parser.skipChildren();
      }
    }

    private void categories(JsonParser parser) {
      String category;
      while ((category = parser.nextName()) != null) {
        JsonToken token = parser.nextToken();
        if (token.isBoolean() && category.length() <= MAX_KEY) {
          consent.put(category, claim(CanonicalJson.read(parser)));
        }
        parser.skipChildren();
      }
    }

    private void traits(JsonParser parser) {
      String key;
      while ((key = parser.nextName()) != null) {
        JsonToken token = parser.nextToken();
        RawJson value = CanonicalJson.read(parser);
        if (key.isEmpty() || key.length() > MAX_KEY) {
          ignored.add(new IgnoredTrait(key.substring(0, Math.min(40, key.length())), "key_length"));
        } else if (value.length() > MAX_VALUE) {
          ignored.add(new IgnoredTrait(key, "value_too_long"));
        } else {
          traits.put(key, claim(token == JsonToken.VALUE_NULL ? null : value));
        }
      }
    }

    private Claim claim(@Nullable RawJson value) {
      return new Claim(value, micros, event.sourceId(), event.messageId());
    }
  }
}
