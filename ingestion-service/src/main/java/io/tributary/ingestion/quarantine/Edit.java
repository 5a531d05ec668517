package io.tributary.ingestion.quarantine;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * A change to each of many events, at a place that is named by a JSON Pointer (RFC 6901). Events
 * differ: where there is nothing to change, an edit changes nothing.
 */
sealed interface Edit {
  /** Puts the value there, in the place of what is there; objects on the way are made. */
  record Set(JsonPointer path, JsonNode value) implements Edit {}

  /** Takes away what is there. */
  record Remove(JsonPointer path) implements Edit {}

  /** Puts what is at one place to another one, in the place of what is there. */
  record Move(JsonPointer from, JsonPointer path) implements Edit {}

  /** Makes another type of what is there, where that loses nothing. */
  record Cast(JsonPointer path, Type to) implements Edit {}

  /** What a value can become. */
  enum Type {
    NUMBER,
    STRING,
    BOOLEAN;

    /** Its name in requests. */
    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Longer texts are no numbers that anybody meant. */
  int MAX_NUMBER = 40;

  /** Makes all changes to the event, in their order. */
  static void apply(List<Edit> edits, ObjectNode event) {
    for (Edit edit : edits) {
      switch (edit) {
        case Set set -> put(event, set.path, set.value.deepCopy());
        case Remove remove -> take(event, remove.path);
        case Move move -> {
          JsonNode moved = event.at(move.from);
          if (!moved.isMissingNode()) {
            take(event, move.from);
            put(event, move.path, moved);
          }
        }
        case Cast cast ->
            cast(event.at(cast.path), cast.to).ifPresent(value -> put(event, cast.path, value));
      }
    }
  }

  private static void put(ObjectNode event, JsonPointer path, JsonNode value) {
    JsonNode parent = parent(event, path);
    switch (parent) {
      case ObjectNode object -> object.set(path.last().getMatchingProperty(), value);
      case ArrayNode array -> {
        int index = path.last().getMatchingIndex();
        if (index >= 0 && index < array.size()) {
          array.set(index, value);
        }
      }
      default -> {
        // A text or a number has no places.
      }
    }
  }

  private static JsonNode parent(ObjectNode event, JsonPointer path) {
    JsonNode at = event;
    for (JsonPointer step = path; !step.tail().matches(); step = step.tail()) {
      JsonNode next =
          step.getMatchingIndex() >= 0 && at.isArray()
              ? at.path(step.getMatchingIndex())
              : at.path(step.getMatchingProperty());
      if (next.isMissingNode() && at instanceof ObjectNode object) {
        next = object.putObject(step.getMatchingProperty());
      }
      at = next;
    }
    return at;
  }

  private static void take(ObjectNode event, JsonPointer path) {
    switch (event.at(path.head())) {
      case ObjectNode object -> object.remove(path.last().getMatchingProperty());
      case ArrayNode array -> {
        int index = path.last().getMatchingIndex();
        if (index >= 0 && index < array.size()) {
          array.remove(index);
        }
      }
      default -> {
        // Nothing lies there.
      }
    }
  }

  private static Optional<JsonNode> cast(JsonNode value, Type to) {
    return switch (to) {
      case NUMBER -> value.isString() ? number(value.stringValue().strip()) : Optional.empty();
      case STRING ->
          value.isNumber() || value.isBoolean()
              ? Optional.of(StringNode.valueOf(value.asString()))
              : Optional.empty();
      case BOOLEAN -> value.isString() ? bool(value.stringValue().strip()) : Optional.empty();
    };
  }

  private static Optional<JsonNode> number(String text) {
    if (text.isEmpty() || text.length() > MAX_NUMBER) {
      return Optional.empty();
    }
    try {
      BigDecimal number = new BigDecimal(text);
      // Nobody means 1e999999999 either, and it would be written out.
      return Math.abs((long) number.scale()) > 300
          ? Optional.empty()
          : Optional.of(JsonNodeFactory.instance.numberNode(number));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<JsonNode> bool(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> Optional.of(JsonNodeFactory.instance.booleanNode(true));
      case "false" -> Optional.of(JsonNodeFactory.instance.booleanNode(false));
      default -> Optional.empty();
    };
  }

  /** The type with this name in requests. */
  static Optional<Type> type(@Nullable String wire) {
    for (Type type : Type.values()) {
      if (type.wire().equals(wire)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
