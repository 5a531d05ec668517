package io.tributary.conditions;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads conditions from JSON and gathers every problem at once. */
public final class ConditionParser {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();
  private static final List<String> TYPES =
      List.of("and", "or", "not", "trait", "event", "segment");

  private final Problems problems = new Problems();
  private final Size size = new Size();

  private ConditionParser() {}

  /** Reads the bytes of a JSON document. */
  public static Parsed parse(byte[] json) {
    try {
      JsonNode node = MAPPER.readTree(json);
      return node == null || node.isMissingNode() ? malformed("it is empty") : parse(node);
    } catch (JacksonException e) {
      return malformed(
          e.getLocation() == null
              ? "it can't be read"
              : "see line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr());
    }
  }

  private static Parsed malformed(String where) {
    return new Parsed.Invalid(
        List.of(
            new Problem(
                "",
                "malformed_json",
                "Write one well-formed JSON object, each key once; " + where + ".")));
  }

  /** Reads a tree. */
  public static Parsed parse(JsonNode json) {
    ConditionParser parser = new ConditionParser();
    Condition condition = parser.read(json, "", 1);
    return condition == null || !parser.problems.isEmpty()
        ? new Parsed.Invalid(parser.problems.found())
        : new Parsed.Valid(condition);
  }

  private @Nullable Condition read(JsonNode node, String path, int depth) {
    if (!size.more(problems)) {
      return null;
    }
    if (depth > Limits.MAX_DEPTH) {
      problems.add(
          path,
          "too_deep",
          "Flatten the condition: it may be nested " + Limits.MAX_DEPTH + " levels deep.");
      return null;
    }
    Fields fields = Fields.of(node, path, problems);
    String type = fields == null ? null : fields.text("type", "one of " + String.join(", ", TYPES));
    if (fields == null || type == null) {
      return null;
    }
    return switch (type) {
      case "and" -> {
        List<Condition> parts = parts(fields, depth);
        yield parts.isEmpty() ? null : new And(parts);
      }
      case "or" -> {
        List<Condition> parts = parts(fields, depth);
        yield parts.isEmpty() ? null : new Or(parts);
      }
      case "not" -> not(fields, depth);
      case "trait" -> trait(fields);
      case "event" -> EventReader.read(fields, size);
      case "segment" -> segment(fields);
      default -> unknownType(fields, type);
    };
  }

  private @Nullable Condition unknownType(Fields fields, String type) {
    problems.add(
        fields.at("type"),
        "unknown_type",
        "Use one of "
            + String.join(", ", TYPES)
            + "; "
            + Problems.shown(type)
            + " is none."
            + Problems.suggestion(type, TYPES));
    return null;
  }

  /** The parts of and, or; empty with a problem when there are none. */
  private List<Condition> parts(Fields fields, int depth) {
    fields.only("type", "conditions");
    JsonNode node = fields.required("conditions", "an array of conditions");
    if (node == null) {
      return List.of();
    }
    String at = fields.at("conditions");
    if (!node.isArray()) {
      problems.add(
          at, "wrong_type", "Write an array of conditions here, not " + Fields.kind(node) + ".");
      return List.of();
    }
    if (node.isEmpty()) {
      problems.add(at, "empty", "Put at least one condition into the array.");
      return List.of();
    }
    List<Condition> parts = new ArrayList<>();
    for (int i = 0; i < node.size() && i <= Limits.MAX_NODES; i++) {
      Condition part = read(node.get(i), at + "/" + i, depth + 1);
      if (part != null) {
        parts.add(part);
      }
    }
    return parts;
  }

  private @Nullable Condition not(Fields fields, int depth) {
    fields.only("type", "condition");
    JsonNode node = fields.required("condition", "the condition that must not be true");
    Condition condition = node == null ? null : read(node, fields.at("condition"), depth + 1);
    return condition == null ? null : new Not(condition);
  }

  private static @Nullable Condition trait(Fields fields) {
    String trait = fields.dotted("trait", "the trait's key, with dots into nested values");
    ValueTest test = ValueTestReader.read(fields, "type", "trait");
    return trait == null || test == null ? null : new TraitCondition(trait, test);
  }

  private @Nullable Condition segment(Fields fields) {
    fields.only("type", "segmentId", "member");
    String segmentId = fields.text("segmentId", "the other segment's id");
    Boolean member = fields.truth("member", "true or false");
    if (segmentId != null && !SegmentCondition.isId(segmentId)) {
      problems.add(
          fields.at("segmentId"),
          "bad_segment_id",
          "Write a segment's id, which begins with \"seg_\".");
      return null;
    }
    return segmentId == null || member == null ? null : new SegmentCondition(segmentId, member);
  }
}
