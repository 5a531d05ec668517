package io.tributary.conditions;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads an operator with what it takes, for traits and for events' properties. */
final class ValueTestReader {

  private ValueTestReader() {}

  /**
   * Reads the test.
   *
   * @param own the keys that the object has besides the test's
   */
  static @Nullable ValueTest read(Fields fields, String... own) {
    String operator = fields.text("operator", "one of " + String.join(", ", Operators.NAMES));
    if (operator == null) {
      return null;
    }
    return switch (operator) {
      case "equals", "not_equals" -> {
        Literal value = operand(fields, own);
        yield value == null ? null : new ValueTest.Equals(value, operator.startsWith("not_"));
      }
      case "contains", "not_contains" -> {
        Literal value = operand(fields, own);
        yield value == null ? null : new ValueTest.Contains(value, operator.startsWith("not_"));
      }
      case "in", "not_in" -> in(fields, operator.startsWith("not_"), own);
      case "exists", "not_exists" -> {
        fields.only(with(own, "operator"));
        yield new ValueTest.Exists(operator.startsWith("not_"));
      }
      case "greater_than" -> compared(fields, ValueTest.Comparison.GREATER_THAN, own);
      case "at_least" -> compared(fields, ValueTest.Comparison.AT_LEAST, own);
      case "less_than" -> compared(fields, ValueTest.Comparison.LESS_THAN, own);
      case "at_most" -> compared(fields, ValueTest.Comparison.AT_MOST, own);
      case "before", "after" -> dated(fields, operator.equals("before"), own);
      case "within_last", "not_within_last" -> within(fields, operator.startsWith("not_"), own);
      default -> {
        fields
            .problems()
            .add(
                fields.at("operator"),
                "unknown_operator",
                "Use one of "
                    + String.join(", ", Operators.NAMES)
                    + "; "
                    + Problems.shown(operator)
                    + " is none."
                    + Problems.suggestion(operator, Operators.NAMES));
        yield null;
      }
    };
  }

  private static @Nullable Literal operand(Fields fields, String[] own) {
    fields.only(with(own, "operator", "value"));
    return fields.literal("value");
  }

  private static @Nullable ValueTest in(Fields fields, boolean negated, String[] own) {
    fields.only(with(own, "operator", "values"));
    JsonNode values = fields.required("values", "an array of what is looked for");
    if (values == null) {
      return null;
    }
    String at = fields.at("values");
    if (!values.isArray()) {
      fields
          .problems()
          .add(at, "wrong_type", "Write an array of values here, not " + Fields.kind(values) + ".");
      return null;
    }
    if (values.isEmpty() || values.size() > Limits.MAX_VALUES) {
      fields.problems().add(at, "out_of_range", "Give 1 to " + Limits.MAX_VALUES + " values.");
      return null;
    }
    List<Literal> literals = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      Literal literal = fields.literal(values.get(i), at + "/" + i);
      if (literal != null) {
        literals.add(literal);
      }
    }
    return literals.size() < values.size() ? null : new ValueTest.In(literals, negated);
  }

  private static @Nullable ValueTest compared(
      Fields fields, ValueTest.Comparison comparison, String[] own) {
    fields.only(with(own, "operator", "value"));
    BigDecimal number = fields.number("value");
    return number == null ? null : new ValueTest.Compared(comparison, number);
  }

  private static @Nullable ValueTest dated(Fields fields, boolean before, String[] own) {
    fields.only(with(own, "operator", "value"));
    JsonNode value = fields.required("value", "a date such as \"2026-01-31\"");
    if (value == null) {
      return null;
    }
    long micros =
        value.isString() || Fields.isNumber(value) ? Values.micros(value) : Values.NO_DATE;
    Instant moment = micros == Values.NO_DATE ? Instant.MIN : Values.instant(micros);
    if (moment.isBefore(Values.FIRST_DATE) || moment.isAfter(Values.LAST_DATE)) {
      fields
          .problems()
          .add(
              fields.at("value"),
              "bad_date",
              "Write a date (\"2026-01-31\"), a time with offset (\"2026-01-31T10:00:00Z\"), or the seconds since 1970.");
      return null;
    }
    return new ValueTest.Dated(before, moment);
  }

  private static @Nullable ValueTest within(Fields fields, boolean negated, String[] own) {
    fields.only(with(own, "operator", "days", "within"));
    if (fields.has("days") == fields.has("within")) {
      fields
          .problems()
          .add(
              fields.path(),
              "bad_window",
              "Write the window as either \"days\": 30 or \"within\": {\"hours\": 12}.");
      return null;
    }
    Duration window = fields.has("days") ? fields.length(WindowUnit.DAYS) : fields.window("within");
    return window == null ? null : new ValueTest.Within(window, negated);
  }

  private static String[] with(String[] own, String... more) {
    String[] all = java.util.Arrays.copyOf(own, own.length + more.length);
    System.arraycopy(more, 0, all, own.length, more.length);
    return all;
  }
}
