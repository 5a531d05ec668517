package io.tributary.ingestion.destination;

import com.fasterxml.jackson.annotation.JsonValue;
import io.tributary.event.Json;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A destination as it's stored.
 *
 * @param definition as it was written
 * @param secret sealed
 * @param oldSecret sealed; signs as well, until {@code oldUntil}
 * @param problem why it was stopped
 * @param version counts the changes of its definition, from 0
 * @param turn counts what has its worker begin anew
 * @param epoch of who works on it
 */
record Destination(
    String id,
    String workspaceId,
    String name,
    String definition,
    String secret,
    @Nullable String oldSecret,
    @Nullable Instant oldUntil,
    State state,
    @Nullable String problem,
    long version,
    long turn,
    @Nullable Instant deliveredAt,
    @Nullable Instant failedAt,
    @Nullable String failure,
    long epoch,
    Instant createdAt,
    Instant updatedAt) {

  /** Whether anything is delivered. */
  enum State {
    RUNNING,
    /** By a person. */
    PAUSED,
    /** By itself: see {@code problem}. */
    STOPPED;

    @JsonValue
    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }

    static State parse(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }

  /** Where its secrets are sealed to. */
  static String secretPlace(String id) {
    return "destination.secret " + id;
  }

  DestinationDocument document() {
    return Json.MAPPER.readValue(definition, DestinationDocument.class);
  }
}
