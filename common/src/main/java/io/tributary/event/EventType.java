package io.tributary.event;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;

/** The six calls of the Segment specification. */
public enum EventType {
  TRACK,
  IDENTIFY,
  PAGE,
  SCREEN,
  GROUP,
  ALIAS;

  private final String wire = name().toLowerCase(Locale.ROOT);

  /** The lower-case name used in JSON and in the database. */
  @JsonValue
  public String wire() {
    return wire;
  }

  /** Reads the lower-case name. */
  public static Optional<EventType> tryParse(String text) {
    return switch (text) {
      case "track" -> Optional.of(TRACK);
      case "identify" -> Optional.of(IDENTIFY);
      case "page" -> Optional.of(PAGE);
      case "screen" -> Optional.of(SCREEN);
      case "group" -> Optional.of(GROUP);
      case "alias" -> Optional.of(ALIAS);
      default -> Optional.empty();
    };
  }

  /**
   * Reads the lower-case name.
   *
   * @throws IllegalArgumentException when there's no such type
   */
  @JsonCreator
  public static EventType parse(String text) {
    return tryParse(text)
        .orElseThrow(() -> new IllegalArgumentException("unknown event type: " + text));
  }
}
