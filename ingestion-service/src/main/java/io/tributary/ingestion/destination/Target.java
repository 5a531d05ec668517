package io.tributary.ingestion.destination;

import io.tributary.ingestion.postgres.PostgresServer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Where a destination is, checked. */
sealed interface Target {
  /** Whether a secret for what was there before may be told to this. */
  boolean mayKnow(Target before);

  /** Messages are posted there, signed. */
  record Webhook(String url) implements Target {
    @Override
    public boolean mayKnow(Target before) {
      return before instanceof Webhook;
    }
  }

  /**
   * Requests in the receiver's own shape.
   *
   * @param shapes one at least
   */
  record Http(Map<String, Template> headers, List<Shape> shapes) implements Target {
    /** Keeps their order. */
    public Http {
      headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
      shapes = List.copyOf(shapes);
    }

    /** Not any more hosts than before. */
    @Override
    public boolean mayKnow(Target before) {
      return before instanceof Http(Map<String, Template> _, List<Shape> known)
          && known.stream()
              .map(Shape::origin)
              .toList()
              .containsAll(shapes.stream().map(Shape::origin).toList());
    }
  }

  /**
   * A request.
   *
   * @param types of messages that it's made of
   * @param origin scheme, host and port of its URL
   * @param item what each message becomes where many go in one request
   * @param batch how many those are; 1 without an item
   * @param alsoDelivered statuses that say, too, that it's there
   * @param refused statuses that say, too, that it's no good
   */
  record Shape(
      Set<String> types,
      String method,
      String origin,
      Template url,
      Optional<Template> body,
      Optional<Template> item,
      int batch,
      Set<Integer> alsoDelivered,
      Set<Integer> refused) {
    /** Copies the sets. */
    public Shape {
      types = Set.copyOf(types);
      alsoDelivered = Set.copyOf(alsoDelivered);
      refused = Set.copyOf(refused);
    }
  }

  /** What code of somebody else's reaches, by settings of its own. */
  record Connected(String connector, Map<String, String> settings) implements Target {
    /** Copies the settings. */
    public Connected {
      settings = Map.copyOf(settings);
    }

    @Override
    public boolean mayKnow(Target before) {
      return equals(before);
    }
  }

  /** A schema of a Postgres. */
  record Tables(PostgresServer server, String schema) implements Target {
    /** Only the schema may be another one. */
    @Override
    public boolean mayKnow(Target before) {
      return before instanceof Tables other && server.equals(other.server);
    }
  }
}
