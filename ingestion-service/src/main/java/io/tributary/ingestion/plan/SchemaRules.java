package io.tributary.ingestion.plan;

import com.google.re2j.PatternSyntaxException;
import com.networknt.schema.Error;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a schema must keep to beside the rules of JSON Schema, so that checking an event takes a
 * bounded time: references stay within the schema and never lead in a circle, its parts are counted
 * as often as they are referred to, and patterns are ones that RE2 knows.
 */
final class SchemaRules {
  /** Characters of a schema as JSON. */
  static final int MAX_LENGTH = 64 * 1024;

  /** Parts of a schema, with each reference replaced by what it refers to. */
  static final int MAX_PARTS = 1_000;

  /** Characters of a pattern. */
  static final int MAX_PATTERN = 500;

  /** Instructions that a pattern may have at worst, before it's compiled. */
  private static final double MAX_UNFOLDED = 100_000;

  private static final Pattern REPEAT = Pattern.compile("(.?)\\{(\\d{1,9})(?:,(\\d{0,9}))?\\}");

  /** Instructions of all patterns of a schema together: a text costs as many steps a character. */
  static final int MAX_PATTERN_STEPS = 2_000;

  private static final String DEFINITION = "#/$defs/";

  private static final Set<String> MAPS =
      Set.of("properties", "patternProperties", "dependentSchemas");
  private static final Set<String> LISTS = Set.of("allOf", "anyOf", "oneOf", "prefixItems");
  private static final Set<String> SINGLE =
      Set.of(
          "not",
          "if",
          "then",
          "else",
          "items",
          "additionalProperties",
          "contains",
          "propertyNames",
          "unevaluatedItems",
          "unevaluatedProperties");

  /**
   * What else may be said. A misspelt keyword would check nothing, so what isn't known is refused;
   * also $id, $anchor and $dynamicRef, which would give references another meaning.
   */
  private static final Set<String> OTHER =
      Set.of(
          "$schema",
          "$ref",
          "$defs",
          "$comment",
          "title",
          "description",
          "default",
          "deprecated",
          "readOnly",
          "writeOnly",
          "examples",
          "format",
          "type",
          "enum",
          "const",
          "multipleOf",
          "minimum",
          "maximum",
          "exclusiveMinimum",
          "exclusiveMaximum",
          "minLength",
          "maxLength",
          "pattern",
          "minItems",
          "maxItems",
          "uniqueItems",
          "minContains",
          "maxContains",
          "minProperties",
          "maxProperties",
          "required",
          "dependentRequired");

  private final JsonNode root;
  private final String path;
  private final List<Fault> faults = new ArrayList<>();
  private final Map<String, Long> partsOfDefinition = new HashMap<>();
  private final Set<String> open = new HashSet<>();
  private int patternSteps;

  private SchemaRules(JsonNode root, String path) {
    this.root = root;
    this.path = path;
  }

  /** All that is wrong with a schema; {@code path} says where it stands. */
  static List<Fault> faults(JsonNode schema, String path) {
    if (!schema.isObject()) {
      return List.of(new Fault(path, "wrong_type", "must be a JSON Schema, an object"));
    }
    if (schema.toString().length() > MAX_LENGTH) {
      return List.of(
          new Fault(path, "too_long", "has more than " + MAX_LENGTH + " characters as JSON"));
    }
    SchemaRules rules = new SchemaRules(schema, path);
    for (Error error : Schemas.errors(schema)) {
      rules.add(error.getInstanceLocation().toString(), "invalid_schema", error.getMessage());
    }
    if (rules.faults.isEmpty()) {
      rules.judge();
    }
    return rules.faults;
  }

  private void judge() {
    JsonNode dialect = root.get("$schema");
    if (dialect != null && !dialect.asString().replaceFirst("#$", "").equals(Schemas.DIALECT)) {
      add("/$schema", "not_supported", "must be " + Schemas.DIALECT + ", or absent");
    }
    long parts = parts(root, "");
    root.path("$defs").properties().forEach(entry -> definition(entry.getKey()));
    if (parts > MAX_PARTS) {
      add(
          "",
          "too_complex",
          "has more than "
              + MAX_PARTS
              + " parts, counted as often as they are referred to; make it simpler");
    }
    if (patternSteps > MAX_PATTERN_STEPS) {
      add("", "too_complex", "has patterns that are too large together; make them simpler");
    }
  }

  /** How many parts it has, and what is wrong with each. */
  private long parts(JsonNode schema, String at) {
    long[] parts = {1};
    if (schema.isObject()) {
      inner(schema, at, (part, where) -> parts[0] = sum(parts[0], parts(part, where)));
      own(schema, at);
      if (schema.has("$ref")) {
        parts[0] = sum(parts[0], referred(schema.get("$ref").asString(), at + "/$ref"));
      }
    }
    return parts[0];
  }

  /** What is said in one part itself. */
  private void own(JsonNode schema, String at) {
    for (String name : schema.propertyNames()) {
      if (!OTHER.contains(name)
          && !SINGLE.contains(name)
          && !MAPS.contains(name)
          && !LISTS.contains(name)) {
        add(
            at + "/" + escaped(name),
            "unknown_keyword",
            "isn't a keyword that is checked here; leave it out, or see whether it's misspelt");
      }
    }
    if (!at.isEmpty() && schema.has("$schema")) {
      add(at + "/$schema", "not_supported", "may stand at the top only");
    }
    if (!at.isEmpty() && schema.has("$defs")) {
      add(at + "/$defs", "not_supported", "may stand at the top only");
    }
    if (schema.has("pattern")) {
      pattern(schema.get("pattern").asString(), at + "/pattern");
    }
    schema
        .path("patternProperties")
        .propertyNames()
        .forEach(name -> pattern(name, at + "/patternProperties/" + escaped(name)));
  }

  private static void inner(JsonNode schema, String at, BiConsumer<JsonNode, String> part) {
    for (Map.Entry<String, JsonNode> entry : schema.properties()) {
      String keyword = entry.getKey();
      JsonNode value = entry.getValue();
      String where = at + "/" + keyword;
      if (SINGLE.contains(keyword)) {
        part.accept(value, where);
      } else if (MAPS.contains(keyword)) {
        value
            .properties()
            .forEach(each -> part.accept(each.getValue(), where + "/" + escaped(each.getKey())));
      } else if (LISTS.contains(keyword)) {
        for (int i = 0; i < value.size(); i++) {
          part.accept(value.get(i), where + "/" + i);
        }
      }
    }
  }

  private long referred(String reference, String at) {
    String name = reference.startsWith(DEFINITION) ? reference.substring(DEFINITION.length()) : "";
    String key = name.replace("~1", "/").replace("~0", "~");
    if (name.isEmpty() || name.contains("/") || !root.path("$defs").has(key)) {
      add(at, "unknown_reference", "must be #/$defs/<name> of a part in $defs of this schema");
      return 1;
    }
    if (open.contains(key)) {
      add(at, "circular_reference", "leads back to where it stands");
      return 1;
    }
    return definition(key);
  }

  private long definition(String name) {
    Long known = partsOfDefinition.get(name);
    if (known != null) {
      return known;
    }
    open.add(name);
    long parts = parts(root.path("$defs").path(name), "/$defs/" + escaped(name));
    open.remove(name);
    partsOfDefinition.put(name, parts);
    return parts;
  }

  private void pattern(String regex, String at) {
    if (regex.length() > MAX_PATTERN) {
      add(at, "too_long", "may have " + MAX_PATTERN + " characters");
      return;
    }
    if (unfolded(regex) > MAX_UNFOLDED) {
      add(at, "too_complex", "repeats what is repeated too often");
      return;
    }
    try {
      patternSteps += Schemas.pattern(regex).programSize();
    } catch (PatternSyntaxException e) {
      add(
          at,
          "invalid_pattern",
          "isn't a pattern of RE2, which can't look around or refer back: " + e.getDescription());
    }
  }

  /**
   * How large a pattern can become at most: counted repetitions are written out, those of groups
   * one inside the other. Without knowing what stands in a class or is escaped, so rather too much.
   */
  private static double unfolded(String regex) {
    double simple = 1;
    double groups = 1;
    Matcher repeat = REPEAT.matcher(regex);
    while (repeat.find()) {
      double times = Math.max(number(repeat.group(2)), number(repeat.group(3)));
      if (repeat.group(1).isEmpty() || ")}?*+".contains(repeat.group(1))) {
        groups *= Math.max(1, times);
      } else {
        simple = Math.max(simple, times);
      }
    }
    return regex.length() * simple * groups;
  }

  private static double number(@Nullable String digits) {
    return digits == null || digits.isEmpty() ? 0 : Double.parseDouble(digits);
  }

  private void add(String pointer, String code, String message) {
    faults.add(new Fault(path + pointer, code, message));
  }

  private static long sum(long one, long other) {
    return Math.min(one + other, 2L * MAX_PARTS);
  }

  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }
}
