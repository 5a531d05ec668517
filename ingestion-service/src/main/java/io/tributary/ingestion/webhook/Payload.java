package io.tributary.ingestion.webhook;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import io.tributary.event.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.filter.FilteringParserDelegate;
import tools.jackson.core.filter.JsonPointerBasedFilter;
import tools.jackson.core.filter.TokenFilter;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** How a body is written. All become one tree of JSON. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(Payload.Plain.class),
  @JsonSubTypes.Type(Payload.Form.class),
  @JsonSubTypes.Type(Payload.InForm.class)
})
sealed interface Payload {
  /** No body at all. */
  JsonNode NOTHING = MissingNode.getInstance();

  /** JSON. */
  @JsonTypeName("json")
  record Plain() implements Payload {}

  /** A form; brackets in names lead into objects: {@code data[merges][FNAME]}. */
  @JsonTypeName("form")
  record Form() implements Payload {}

  /** JSON in a field of a form. */
  @JsonTypeName("json_in_form")
  record InForm(String field) implements Payload {
    private Optional<byte[]> found(Incoming request) {
      return request.form().stream()
          .filter(each -> each.name().equals(field))
          .findFirst()
          .map(each -> each.value().getBytes(StandardCharsets.UTF_8));
    }
  }

  /** What can't be read. */
  final class IllegibleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    IllegibleException(@Nullable Throwable cause) {
      super("the body isn't what this provider sends", cause);
    }
  }

  /**
   * The body as a tree; nothing where the form lacks the field.
   *
   * @throws IllegibleException if it can't be read
   */
  default JsonNode tree(Incoming request) {
    return switch (this) {
      case Plain _ -> parsed(request.body());
      case Form _ -> nested(request.form());
      case InForm in -> in.found(request).map(Payload::parsed).orElse(NOTHING);
    };
  }

  /** The bytes that are JSON; none in a form that has no such field. */
  default byte[] json(Incoming request) {
    return switch (this) {
      case Plain _ -> request.body();
      case Form _ -> new byte[0];
      case InForm in -> in.found(request).orElse(new byte[0]);
    };
  }

  /** The text or number at a place in JSON, found without building a tree of it. */
  static Optional<String> text(byte[] json, JsonPointer pointer) {
    try (JsonParser whole = Json.FACTORY.createParser(ObjectReadContext.empty(), json);
        JsonParser at =
            new FilteringParserDelegate(
                whole,
                new JsonPointerBasedFilter(pointer),
                TokenFilter.Inclusion.ONLY_INCLUDE_ALL,
                false)) {
      JsonToken token = at.nextToken();
      return token == JsonToken.VALUE_STRING || (token != null && token.isNumeric())
          ? Optional.of(at.getString()).filter(text -> !text.isBlank())
          : Optional.empty();
    } catch (JacksonException e) {
      throw new IllegibleException(e);
    }
  }

  private static JsonNode parsed(byte[] json) {
    try {
      return Json.EXACT.with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).readTree(json);
    } catch (JacksonException e) {
      throw new IllegibleException(e);
    }
  }

  private static JsonNode nested(List<Incoming.Field> form) {
    ObjectNode tree = Json.MAPPER.createObjectNode();
    for (Incoming.Field field : form) {
      List<String> path = path(field.name());
      ObjectNode object = tree;
      for (String step : path.subList(0, path.size() - 1)) {
        object = object.get(step) instanceof ObjectNode inner ? inner : object.putObject(step);
      }
      object.put(path.getLast(), field.value());
    }
    return tree;
  }

  /** Names that aren't written so, or go deeper than any form does, stay whole. */
  private static List<String> path(String name) {
    int first = name.indexOf('[');
    if (first <= 0 || !name.endsWith("]")) {
      return List.of(name);
    }
    List<String> path = new ArrayList<>(List.of(name.substring(0, first)));
    path.addAll(List.of(name.substring(first + 1, name.length() - 1).split("]\\[", -1)));
    return path.size() > 8 ? List.of(name) : path;
  }
}
