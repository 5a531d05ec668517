package io.tributary.web;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads JSON bodies strictly: unknown and double keys, numbers for texts, deep nesting and huge
 * texts are refused, with all faults at once. Only bodies: the service's own mapper stays as it is,
 * since records on topics must be read leniently.
 */
final class JsonBodyConverter extends JacksonJsonHttpMessageConverter {
  static final int MAX_DEPTH = 32;
  static final int MAX_TEXT = 64 * 1024;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(MAX_TEXT)
                  .maxNumberLength(100)
                  .maxNameLength(1024)
                  .maxTokenCount(200_000)
                  .build())
          .build();

  private final JsonMapper strict;

  JsonBodyConverter(JsonMapper mapper) {
    super(mapper);
    this.strict =
        JsonBinding.strict(mapper.rebuild())
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(
                DeserializationFeature.FAIL_ON_TRAILING_TOKENS) // checked here, by another code
            .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();
  }

  @Override
  public Object read(
      ResolvableType type, HttpInputMessage input, @Nullable Map<String, Object> hints)
      throws IOException {
    JavaType target = strict.constructType(type.getType());
    JsonNode tree;
    try {
      tree = parse(input.getBody().readAllBytes());
    } catch (JacksonException e) {
      throw new HttpMessageNotReadableException("the body is not what was expected", e, input);
    }
    if (tree.isNull() || tree.isMissingNode()) {
      throw Problem.badRequest("body_required", "Send a JSON object as the body, not null.");
    }
    return JsonBinding.bind(strict, tree, target);
  }

  private JsonNode parse(byte[] body) {
    try (JsonParser parser =
        new StrictParser(FACTORY.createParser(ObjectReadContext.empty(), body))) {
      JsonNode tree = strict.readerFor(JsonNode.class).readValue(parser);
      if (parser.nextToken() != null) {
        throw Problem.badRequest(
            "malformed_json", "The body goes on after its JSON value; send a single one.");
      }
      return tree;
    }
  }
}
