package io.tributary.conditions;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A literal made ready to be compared: its text, and its number when it reads as one.
 *
 * @param text the literal as text
 * @param number the literal as number, or null
 */
record Operand(String text, @Nullable BigDecimal number) {

  static Operand of(Literal literal) {
    String text = literal.text();
    return new Operand(text, Values.isDecimal(text) ? new BigDecimal(text) : null);
  }

  boolean equalTo(@Nullable JsonNode value) {
    if (value == null) {
      return false;
    }
    if (value.isString()) {
      return equalTo(value.stringValue());
    }
    if (value.isNumber()) {
      return number != null && value.decimalValue().compareTo(number) == 0;
    }
    return value.isBoolean() && text.equals(value.booleanValue() ? "true" : "false");
  }

  private boolean equalTo(String value) {
    return text.equals(value)
        || (number != null
            && Values.isDecimal(value)
            && new BigDecimal(value).compareTo(number) == 0);
  }
}
