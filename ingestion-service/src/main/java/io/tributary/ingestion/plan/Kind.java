package io.tributary.ingestion.plan;

import java.util.Locale;

/** In which way an event breaks its plan. */
public enum Kind {
  /** A property that must be there is missing. */
  REQUIRED,
  /** A value of another JSON type. */
  TYPE,
  /** A value that isn't among those listed. */
  ENUM,
  /** A number, length or count out of bounds. */
  RANGE,
  /** A text that doesn't match. */
  PATTERN,
  /** A property that the plan doesn't know. */
  ADDITIONAL_PROPERTY,
  /** A tracked event that the plan doesn't know. */
  UNPLANNED_EVENT,
  /** Any other rule of the schema. */
  OTHER;

  /** The name in JSON. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Kind of(String keyword) {
    return switch (keyword) {
      case "required", "dependentRequired" -> REQUIRED;
      case "type" -> TYPE;
      case "enum", "const" -> ENUM;
      case "minimum",
          "maximum",
          "exclusiveMinimum",
          "exclusiveMaximum",
          "multipleOf",
          "minLength",
          "maxLength",
          "minItems",
          "maxItems",
          "minProperties",
          "maxProperties",
          "minContains",
          "maxContains" ->
          RANGE;
      case "pattern" -> PATTERN;
      // The schema false allows nothing in its place.
      case "additionalProperties", "unevaluatedProperties", "false" -> ADDITIONAL_PROPERTY;
      default -> OTHER;
    };
  }
}
