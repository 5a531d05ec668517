package io.tributary.identity.resolve;

import io.tributary.event.CollectedEvent;
import io.tributary.event.EventType;
import io.tributary.event.Json;
import io.tributary.event.RawJson;
import io.tributary.identity.resolve.Incoming.Previous;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/** Finds the usable identifiers of an event. Safe for use by several threads. */
public final class Extraction {
  /** More external ids than this on one event are ignored. */
  private static final int MAX_EXTERNAL_IDS = 20;

  private final Normalizer normalizer;

  /**
   * An extraction.
   *
   * @param defaultRegion where telephone numbers without a country code belong, such as {@code DE};
   *     null: these are ignored
   */
  public Extraction(@Nullable String defaultRegion) {
    this.normalizer = new Normalizer(defaultRegion);
  }

  /** What an event says about whose it is. */
  public Incoming read(CollectedEvent event) {
    Scan scan = new Scan();
    // The traits of a group call describe the group: its e-mail address is nobody's.
    if (event.type() != EventType.GROUP) {
      scan.traits(event.traits());
    }
    scan.context(event.context());
    Sink sink = new Sink(event.workspaceId());
    sink.add(Identifier.USER_ID, normalizer.opaque(event.userId()));
    sink.add(Identifier.ANONYMOUS_ID, normalizer.opaque(event.anonymousId()));
    sink.addFirst(Identifier.EMAIL, scan.emails.stream().map(normalizer::email).toList());
    sink.addFirst(Identifier.PHONE, scan.phones.stream().map(normalizer::phone).toList());
    scan.external.forEach(
        id -> sink.add(Identifier.EXTERNAL + id.type(), normalizer.opaque(id.id())));
    if (event.userId() == null && event.anonymousId() == null && sink.found.isEmpty()) {
      sink.add(Identifier.GROUP, normalizer.opaque(event.groupId()));
    }
    return new Incoming(
        event.workspaceId(),
        event.sourceId(),
        event.messageId(),
        event.timestamp(),
        List.copyOf(sink.found),
        previous(event));
  }

  private @Nullable Previous previous(CollectedEvent event) {
    if (event.type() != EventType.ALIAS) {
      return null;
    }
    Optional<String> earlier = normalizer.opaque(event.previousId());
    if (earlier.isEmpty() || earlier.equals(normalizer.opaque(event.userId()))) {
      return null;
    }
    return new Previous(
        new Identifier(event.workspaceId(), Identifier.USER_ID, earlier.get()),
        new Identifier(event.workspaceId(), Identifier.ANONYMOUS_ID, earlier.get()));
  }

  private record ExternalId(String type, String id) {}

  private static final class Sink {
    private final String workspaceId;
    private final TreeSet<Identifier> found = new TreeSet<>();

    Sink(String workspaceId) {
      this.workspaceId = workspaceId;
    }

    void add(String type, Optional<String> value) {
      value.ifPresent(present -> found.add(new Identifier(workspaceId, type, present)));
    }

    void addFirst(String type, Collection<Optional<String>> values) {
      add(type, values.stream().flatMap(Optional::stream).findFirst());
    }
  }

  /** Reads past everything but the few fields that may name a person. */
  private final class Scan {
    private final List<String> emails = new ArrayList<>(2);
    private final List<String> phones = new ArrayList<>(2);
    private final List<ExternalId> external = new ArrayList<>(2);

    void traits(@Nullable RawJson traits) {
      if (traits != null) {
        try (JsonParser parser = open(traits)) {
          traits(parser);
        }
      }
    }

    void context(@Nullable RawJson context) {
      if (context == null) {
        return;
      }
      try (JsonParser parser = open(context)) {
        String field;
        while ((field = parser.nextName()) != null) {
          JsonToken token = parser.nextToken();
          if (field.equals("traits") && token == JsonToken.START_OBJECT) {
            traits(parser);
          } else if (field.equals("externalIds") && token == JsonToken.START_ARRAY) {
            externalIds(parser);
          } else {
            parser.skipChildren();
          }
        }
      }
    }

    private JsonParser open(RawJson object) {
      JsonParser parser = Json.FACTORY.createParser(ObjectReadContext.empty(), object.toBytes());
      parser.nextToken();
      return parser;
    }

    private void traits(JsonParser parser) {
      String field;
      while ((field = parser.nextName()) != null) {
        JsonToken token = parser.nextToken();
        if (!token.isScalarValue()) {
          parser.skipChildren();
        } else if (field.equals("email")) {
          emails.add(parser.getString());
        } else if (field.equals("phone")) {
          phones.add(parser.getString());
        }
      }
    }

    private void externalIds(JsonParser parser) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
          externalId(parser);
        } else {
          parser.skipChildren();
        }
      }
    }

    private void externalId(JsonParser parser) {
      String id = null;
      String type = null;
      String collection = "users";
      String field;
      while ((field = parser.nextName()) != null) {
        if (!parser.nextToken().isScalarValue()) {
          parser.skipChildren();
          continue;
        }
        switch (field) {
          case "id" -> id = parser.getString();
          case "type" -> type = parser.getString();
          case "collection" -> collection = parser.getString();
          default -> {}
        }
      }
      if (id != null
          && type != null
          && collection.equals("users")
          && external.size() < MAX_EXTERNAL_IDS) {
        String kind = type.strip();
        if (normalizer.isExternalType(kind)) {
          external.add(new ExternalId(kind, id));
        }
      }
    }
  }
}
