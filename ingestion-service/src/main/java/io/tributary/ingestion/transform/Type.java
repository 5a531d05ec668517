package io.tributary.ingestion.transform;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.StringNode;

/** What a value can become, where that loses nothing. */
public enum Type {
  NUMBER,
  STRING,
  BOOLEAN;

  /** Longer texts are no numbers that anybody meant. */
  private static final int MAX_NUMBER = 40;

  /** Its name in requests. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The type with this name in requests. */
  public static Optional<Type> of(@Nullable String wire) {
    for (Type type : values()) {
      if (type.wire().equals(wire)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** The value in this type; empty where it can't be. */
  Optional<JsonNode> cast(JsonNode value) {
    return switch (this) {
      case NUMBER ->
          value.isNumber()
              ? Optional.of(value)
              : value.isString() ? number(value.stringValue().strip()) : Optional.empty();
      case STRING ->
          value.isString()
              ? Optional.of(value)
              : value.isNumber() || value.isBoolean()
                  ? Optional.of(StringNode.valueOf(value.asString()))
                  : Optional.empty();
      case BOOLEAN ->
          value.isBoolean()
              ? Optional.of(value)
              : value.isString() ? bool(value.stringValue().strip()) : Optional.empty();
    };
  }

  private static Optional<JsonNode> number(String text) {
    if (text.isEmpty() || text.length() > MAX_NUMBER) {
      return Optional.empty();
    }
    try {
      BigDecimal number = new BigDecimal(text);
      // What is larger or smaller isn't taken from senders either.
      return Math.abs((long) number.precision() - number.scale()) > 200
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
}
