package io.tributary.ingestion.plan;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressionFactory;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/**
 * The validator, set up so that a schema can do no harm: nothing is fetched, and patterns are
 * matched in time linear in the text, by RE2.
 */
final class Schemas {
  /** What a schema may name as its dialect. */
  static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";

  private static final RegularExpressionFactory LINEAR = new Linear();

  private static final SchemaRegistryConfig CONFIG =
      SchemaRegistryConfig.builder()
          .regularExpressionFactory(LINEAR)
          // 1.0 is an integer, says the specification.
          .losslessNarrowing(true)
          .locale(Locale.ENGLISH)
          .build();

  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12,
          builder ->
              builder
                  .schemaRegistryConfig(CONFIG)
                  .schemaCacheEnabled(false)
                  .schemaLoader(loader -> loader.fetchRemoteResources(false)));

  private static final Schema OF_SCHEMAS =
      SchemaRegistry.withDefaultDialect(
              SpecificationVersion.DRAFT_2020_12, builder -> builder.schemaRegistryConfig(CONFIG))
          .getSchema(SchemaLocation.of(DIALECT));

  private Schemas() {}

  /** What is wrong with a schema by the rules of JSON Schema. */
  static List<Error> errors(JsonNode schema) {
    return OF_SCHEMAS.validate(schema);
  }

  /** A schema that was found good, ready for use. */
  static Schema compile(JsonNode schema) {
    Schema compiled = REGISTRY.getSchema(schema);
    compiled.initializeValidators();
    return compiled;
  }

  /**
   * A pattern in RE2's syntax.
   *
   * @throws PatternSyntaxException for what RE2 doesn't know, such as looking ahead
   */
  static Pattern pattern(String regex) {
    return Pattern.compile(regex);
  }

  private static final class Linear implements RegularExpressionFactory {
    @Override
    public RegularExpression getRegularExpression(String regex) {
      Pattern pattern = pattern(regex);
      return text -> pattern.matcher(text).find();
    }
  }
}
