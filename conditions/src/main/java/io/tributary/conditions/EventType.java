package io.tributary.conditions;

import org.jspecify.annotations.Nullable;

/** The calls of the collection API. */
public enum EventType {
  TRACK("track", "properties"),
  PAGE("page", "properties"),
  SCREEN("screen", "properties"),
  IDENTIFY("identify", "traits"),
  GROUP("group", "traits"),
  ALIAS("alias", "properties");

  private final String wireName;
  private final String filtered;

  EventType(String wireName, String filtered) {
    this.wireName = wireName;
    this.filtered = filtered;
  }

  /** The name in JSON and in the event's {@code type}. */
  public String wireName() {
    return wireName;
  }

  /** The object of the event that filters look into. */
  String filtered() {
    return filtered;
  }

  /** Whether events of this type carry a name. */
  boolean isNamed() {
    return this == TRACK || this == PAGE || this == SCREEN;
  }

  static @Nullable EventType named(String wireName) {
    for (EventType type : values()) {
      if (type.wireName.equals(wireName)) {
        return type;
      }
    }
    return null;
  }
}
