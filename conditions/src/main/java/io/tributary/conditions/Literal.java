package io.tributary.conditions;

import java.math.BigDecimal;

/** A value written in a condition. */
public sealed interface Literal {

  /** The value as text, as equality and contains see it. */
  String text();

  /** A text that isn't empty. */
  record Text(String text) implements Literal {
    public Text {
      Limits.requireText(text);
    }
  }

  /** A number within the language's grammar: at most 30 digits on either side of the point. */
  record Decimal(BigDecimal value) implements Literal {
    public Decimal {
      value = Values.canonical(value);
    }

    /** The number with this value. */
    public static Decimal of(long value) {
      return new Decimal(BigDecimal.valueOf(value));
    }

    @Override
    public String text() {
      return value.toPlainString();
    }
  }

  /** True or false. */
  record Truth(boolean value) implements Literal {
    @Override
    public String text() {
      return Boolean.toString(value);
    }
  }
}
