package io.tributary.ingestion.webhook;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Optional;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/** A place that a provider's file names: in a header, in the body, or in one item of the body. */
sealed interface Where {

  /** {@code header:<name>}. */
  record Header(String name) implements Where {}

  /** {@code body:<JSON pointer>}: from the top of the body. */
  record Body(JsonPointer pointer) implements Where {}

  /** {@code <JSON pointer>}: from the top of the item at hand. */
  record Item(JsonPointer pointer) implements Where {}

  /** Reads the written form. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  static Where of(String text) {
    if (text.startsWith("header:")) {
      String name = text.substring(7);
      if (name.isBlank()) {
        throw new IllegalArgumentException("header: must be followed by the header's name");
      }
      return new Header(name);
    }
    return text.startsWith("body:")
        ? new Body(JsonPointer.compile(text.substring(5)))
        : new Item(JsonPointer.compile(text));
  }

  /** What lies there; empty for nothing, null and blank texts. */
  default Optional<JsonNode> find(Incoming request, JsonNode body, JsonNode item) {
    JsonNode found =
        switch (this) {
          case Header header -> {
            String value = request.headers().get(header.name());
            yield value == null ? null : StringNode.valueOf(value);
          }
          case Body place -> body.at(place.pointer());
          case Item place -> item.at(place.pointer());
        };
    return Optional.ofNullable(found)
        .filter(node -> !node.isMissingNode() && !node.isNull())
        .filter(node -> !node.isString() || !node.asString().isBlank());
  }

  /**
   * The text or number there, from the top of the body. Builds no tree: who sent the body isn't
   * known yet.
   *
   * @throws Payload.IllegibleException if the body has to be read and can't be
   */
  default Optional<String> text(Incoming request, Payload payload) {
    return switch (this) {
      case Header header ->
          Optional.ofNullable(request.headers().get(header.name())).filter(v -> !v.isBlank());
      case Body place -> Payload.text(payload.json(request), place.pointer());
      case Item place -> Payload.text(payload.json(request), place.pointer());
    };
  }
}
