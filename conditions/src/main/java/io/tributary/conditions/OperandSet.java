package io.tributary.conditions;

import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The literals of an "in", looked up by hash: a value is compared with all of them at once. */
record OperandSet(Set<String> texts, Set<BigDecimal> numbers) {

  static OperandSet of(List<Literal> literals) {
    Set<String> texts = new HashSet<>();
    Set<BigDecimal> numbers = new HashSet<>();
    for (Literal literal : literals) {
      Operand operand = Operand.of(literal);
      texts.add(operand.text());
      if (operand.number() != null) {
        numbers.add(Values.canonical(operand.number()));
      }
    }
    return new OperandSet(Set.copyOf(texts), Set.copyOf(numbers));
  }

  boolean contains(@Nullable JsonNode value) {
    if (value == null) {
      return false;
    }
    if (value.isString()) {
      String text = value.stringValue();
      return texts.contains(text)
          || (!numbers.isEmpty() && Values.isDecimal(text) && has(new BigDecimal(text)));
    }
    if (value.isNumber()) {
      return !numbers.isEmpty() && has(value.decimalValue());
    }
    return value.isBoolean() && texts.contains(value.booleanValue() ? "true" : "false");
  }

  private boolean has(BigDecimal number) {
    return Values.isBounded(number) && numbers.contains(Values.canonical(number));
  }
}
