package io.tributary.conditions;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A {@link ValueTest} that doesn't depend on the time, made ready for many values. */
interface ValueMatcher {

  boolean matches(@Nullable JsonNode value);

  /** Prepares the test; {@link ValueTest.Within} depends on the time and is refused. */
  static ValueMatcher of(ValueTest test) {
    return switch (test) {
      case ValueTest.Equals(Literal value, boolean negated) ->
          negatable(Operand.of(value)::equalTo, negated);
      case ValueTest.In(List<Literal> values, boolean negated) ->
          negatable(OperandSet.of(values)::contains, negated);
      case ValueTest.Contains(Literal value, boolean negated) ->
          negatable(containing(Operand.of(value)), negated);
      case ValueTest.Exists(boolean negated) -> value -> Values.isMissing(value) == negated;
      case ValueTest.Compared(ValueTest.Comparison comparison, BigDecimal number) ->
          compared(comparison, number);
      case ValueTest.Dated dated -> dated(dated.before(), Values.micros(dated.moment()));
      case ValueTest.Within within ->
          throw new IllegalArgumentException("depends on the time: " + within);
    };
  }

  private static ValueMatcher negatable(ValueMatcher matcher, boolean negated) {
    return negated ? value -> !matcher.matches(value) : matcher;
  }

  private static ValueMatcher containing(Operand operand) {
    String needle = Values.lowerCase(operand.text());
    return value -> {
      if (value == null) {
        return false;
      }
      if (value.isString()) {
        return Values.lowerCase(value.stringValue()).contains(needle);
      }
      if (value.isArray()) {
        for (int i = 0; i < value.size(); i++) {
          if (operand.equalTo(value.get(i))) {
            return true;
          }
        }
      }
      return false;
    };
  }

  private static ValueMatcher compared(ValueTest.Comparison comparison, BigDecimal number) {
    return value -> {
      BigDecimal found = value == null ? null : Values.decimal(value);
      return found != null && comparison.accepts(found.compareTo(number));
    };
  }

  private static ValueMatcher dated(boolean before, long moment) {
    return value -> {
      long found = value == null ? Values.NO_DATE : Values.micros(value);
      return found != Values.NO_DATE && (before ? found < moment : found > moment);
    };
  }
}
