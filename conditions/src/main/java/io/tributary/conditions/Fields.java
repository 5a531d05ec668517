package io.tributary.conditions;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NumericNode;

/**
 * The fields of one JSON object; each reader notes a problem and answers null when the field isn't
 * as it must be.
 */
record Fields(JsonNode node, String path, Problems problems) {

  /** The object's fields, or null with a problem when it isn't an object. */
  static @Nullable Fields of(JsonNode node, String path, Problems problems) {
    if (!node.isObject()) {
      problems.add(path, "wrong_type", "Write a JSON object here, not " + kind(node) + ".");
      return null;
    }
    return new Fields(node, path, problems);
  }

  boolean has(String key) {
    return node.has(key);
  }

  String at(String key) {
    return path + "/" + key.replace("~", "~0").replace("/", "~1");
  }

  /** Notes each key that is none of these. */
  void only(String... keys) {
    List<String> allowed = Arrays.asList(keys);
    for (String key : node.propertyNames()) {
      if (!allowed.contains(key)) {
        problems.add(
            at(key),
            "unknown_key",
            "Remove "
                + Problems.shown(key)
                + "; allowed here: "
                + String.join(", ", allowed)
                + "."
                + Problems.suggestion(key, allowed));
      }
    }
  }

  /** The field, or null with a problem when it is absent or JSON null. */
  @Nullable JsonNode required(String key, String hint) {
    JsonNode value = node.get(key);
    if (value == null || value.isNull()) {
      problems.add(at(key), "missing_key", "Add \"" + key + "\": " + hint + ".");
      return null;
    }
    return value;
  }

  /** A text that isn't blank. */
  @Nullable String text(String key, String hint) {
    JsonNode value = required(key, hint);
    return value == null ? null : text(value, at(key));
  }

  private @Nullable String text(JsonNode value, String at) {
    if (!value.isString()) {
      problems.add(at, "wrong_type", "Write a text here, not " + kind(value) + ".");
      return null;
    }
    String text = value.stringValue();
    if (text.isBlank()) {
      problems.add(at, "blank", "Fill in a value; this one is blank.");
      return null;
    }
    if (text.length() > Limits.MAX_TEXT) {
      problems.add(at, "too_long", "Shorten the text to " + Limits.MAX_TEXT + " characters.");
      return null;
    }
    if (!Limits.isStorable(text)) {
      problems.add(at, "bad_text", "Remove NUL characters and broken surrogate pairs.");
      return null;
    }
    return text;
  }

  /** A dotted path. */
  @Nullable String dotted(String key, String hint) {
    String text = text(key, hint);
    String fault = text == null ? null : Path.fault(text);
    if (fault != null) {
      problems.add(at(key), "bad_path", "The path " + fault + ".");
      return null;
    }
    return text;
  }

  @Nullable Boolean truth(String key, String hint) {
    JsonNode value = required(key, hint);
    if (value == null) {
      return null;
    }
    if (!value.isBoolean()) {
      problems.add(at(key), "wrong_type", "Write true or false here, not " + kind(value) + ".");
      return null;
    }
    return value.booleanValue();
  }

  /** A whole number from min to max. */
  @Nullable Integer whole(String key, String hint, long min, long max) {
    JsonNode value = required(key, hint);
    if (value == null) {
      return null;
    }
    if (!isNumber(value)) {
      problems.add(at(key), "wrong_type", "Write a whole number here, not " + kind(value) + ".");
      return null;
    }
    BigDecimal number = value.decimalValue();
    if (!Values.isBounded(number)
        || Values.canonical(number).scale() > 0
        || number.compareTo(BigDecimal.valueOf(min)) < 0
        || number.compareTo(BigDecimal.valueOf(max)) > 0) {
      problems.add(
          at(key), "out_of_range", "Write a whole number from " + min + " to " + max + " here.");
      return null;
    }
    return number.intValueExact();
  }

  @Nullable Literal literal(String key) {
    JsonNode value = required(key, "the text, number, or true/false to compare with");
    return value == null ? null : literal(value, at(key));
  }

  @Nullable Literal literal(JsonNode value, String at) {
    if (value.isBoolean()) {
      return new Literal.Truth(value.booleanValue());
    }
    if (value.isNumber()) {
      BigDecimal number = bounded(value, at);
      return number == null ? null : new Literal.Decimal(number);
    }
    if (!value.isString()) {
      problems.add(
          at, "wrong_type", "Write a text, a number, true or false here, not " + kind(value) + ".");
      return null;
    }
    String text = text(value, at);
    return text == null ? null : new Literal.Text(text);
  }

  /** A number, also when written as text. */
  @Nullable BigDecimal number(String key) {
    JsonNode value = required(key, "the number to compare with");
    if (value == null) {
      return null;
    }
    if (value.isString() && Values.isDecimal(value.stringValue())) {
      return new BigDecimal(value.stringValue());
    }
    if (!value.isNumber()) {
      problems.add(
          at(key),
          "wrong_type",
          "Write a number here, such as 10 or 2.5, not " + kind(value) + ".");
      return null;
    }
    return bounded(value, at(key));
  }

  private @Nullable BigDecimal bounded(JsonNode value, String at) {
    if (!isNumber(value) || !Values.isBounded(value.decimalValue())) {
      problems.add(
          at, "out_of_range", "Write a number with at most 30 digits on either side of the point.");
      return null;
    }
    return value.decimalValue();
  }

  /** The rolling window of the object under this key. */
  @Nullable Duration window(String key) {
    JsonNode value = node.get(key);
    Fields fields = value == null ? null : of(value, at(key), problems);
    if (fields == null) {
      return null;
    }
    fields.only("days", "hours", "minutes", "seconds");
    WindowUnit given = null;
    for (WindowUnit unit : WindowUnit.values()) {
      if (fields.has(unit.wireName())) {
        if (given != null) {
          problems.add(at(key), "bad_window", "Write the window in one unit only.");
          return null;
        }
        given = unit;
      }
    }
    if (given == null) {
      problems.add(
          at(key),
          "bad_window",
          "Write the window as {\"days\": 30}, or in hours, minutes or seconds.");
      return null;
    }
    return fields.length(given);
  }

  /** The window in the one field that bears the unit's name. */
  @Nullable Duration length(WindowUnit unit) {
    Integer amount = whole(unit.wireName(), "how many", 1, unit.most());
    return amount == null ? null : unit.times(amount);
  }

  /** A number of JSON; trees built by hand may also hold what JSON can't write. */
  static boolean isNumber(JsonNode node) {
    return node instanceof NumericNode number && !number.isNaN();
  }

  static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> "an object";
      case ARRAY -> "an array";
      case STRING -> "a text";
      case NUMBER -> "a number";
      case BOOLEAN -> "true or false";
      case NULL, MISSING -> "nothing";
      case BINARY, POJO -> "something that isn't JSON";
    };
  }
}
