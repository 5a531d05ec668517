package io.tributary.conditions;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;

/**
 * What a value must satisfy. The package's page defines equality, dates, windows and what counts as
 * missing. {@code negated} turns a test into its exact opposite, so a missing value satisfies each
 * negated test.
 */
public sealed interface ValueTest {

  /** equals, not_equals. */
  record Equals(Literal value, boolean negated) implements ValueTest {
    public Equals {
      Objects.requireNonNull(value);
    }
  }

  /** in, not_in: equals one of the values. */
  record In(List<Literal> values, boolean negated) implements ValueTest {
    public In {
      values = List.copyOf(new LinkedHashSet<>(values));
      if (values.isEmpty() || values.size() > Limits.MAX_VALUES) {
        throw new IllegalArgumentException("in takes 1 to " + Limits.MAX_VALUES + " values");
      }
    }
  }

  /**
   * contains, not_contains: a text contains the value ignoring case, or an array has an element
   * that equals it.
   */
  record Contains(Literal value, boolean negated) implements ValueTest {
    public Contains {
      Objects.requireNonNull(value);
    }
  }

  /** exists, not_exists. */
  record Exists(boolean negated) implements ValueTest {}

  /**
   * greater_than, at_least, less_than, at_most: false unless the value is a number or a text that
   * reads as one.
   */
  record Compared(Comparison comparison, BigDecimal number) implements ValueTest {
    public Compared {
      Objects.requireNonNull(comparison);
      number = Values.canonical(number);
    }
  }

  /** before, after (both strictly): false unless the value is a date. */
  record Dated(boolean before, Instant moment) implements ValueTest {
    public Dated {
      moment = moment.truncatedTo(ChronoUnit.MICROS);
      if (moment.isBefore(Values.FIRST_DATE) || moment.isAfter(Values.LAST_DATE)) {
        throw new IllegalArgumentException("dates reach from the year 1000 to 9999");
      }
    }
  }

  /** within_last, not_within_last: the value is a date inside the rolling window that ends now. */
  record Within(Duration window, boolean negated) implements ValueTest {
    public Within {
      Windows.require(window);
    }
  }

  /** The comparisons of numbers. */
  enum Comparison {
    GREATER_THAN("greater_than", ">"),
    AT_LEAST("at_least", ">="),
    LESS_THAN("less_than", "<"),
    AT_MOST("at_most", "<=");

    private final String wireName;
    private final String sql;

    Comparison(String wireName, String sql) {
      this.wireName = wireName;
      this.sql = sql;
    }

    /** The name in JSON. */
    public String wireName() {
      return wireName;
    }

    String sql() {
      return sql;
    }

    /** Decides by the sign of {@code value.compareTo(number)}. */
    boolean accepts(int sign) {
      return switch (this) {
        case GREATER_THAN -> sign > 0;
        case AT_LEAST -> sign >= 0;
        case LESS_THAN -> sign < 0;
        case AT_MOST -> sign <= 0;
      };
    }
  }
}
