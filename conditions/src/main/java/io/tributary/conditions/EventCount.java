package io.tributary.conditions;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How many occurrences there must be in the window.
 *
 * <p>Zero occurrences in the window can satisfy at_most, fewer_than and exactly 0. Then {@code
 * includeNever} decides about profiles that never did it, at any time up to now: with false they
 * don't qualify, while those who did it once, if only before the window began, do. So "exactly 0
 * times within 30 days, includeNever false" finds those who have stopped.
 *
 * @param operator the comparison
 * @param value the number compared with
 * @param includeNever whether profiles without any occurrence ever qualify; false where zero can't
 *     satisfy the comparison
 */
public record EventCount(Operator operator, int value, boolean includeNever) {

  /** The largest count a condition may name: it bounds how many times must be kept per profile. */
  public static final int MAX_VALUE = 1000;

  /** Performed: at least once. */
  public static final EventCount PERFORMED = new EventCount(Operator.AT_LEAST, 1, false);

  /** Not performed: zero times, those who never did it included. */
  public static final EventCount NOT_PERFORMED = new EventCount(Operator.EXACTLY, 0, true);

  public EventCount {
    Objects.requireNonNull(operator);
    if (value < operator.smallestValue() || value > MAX_VALUE) {
      throw new IllegalArgumentException(
          operator.wireName() + " takes " + operator.smallestValue() + " to " + MAX_VALUE);
    }
    if (includeNever && !operator.acceptsZero(value)) {
      throw new IllegalArgumentException("includeNever has no meaning where zero can't qualify");
    }
  }

  /**
   * True when zero occurrences in the window satisfy the comparison, so that includeNever has a
   * meaning.
   */
  public boolean acceptsZero() {
    return operator.acceptsZero(value);
  }

  /** How many of the latest occurrences decide the comparison. */
  public int keep() {
    return switch (operator) {
      case AT_LEAST, FEWER_THAN -> value;
      case AT_MOST, EXACTLY, MORE_THAN -> value + 1;
    };
  }

  /**
   * Decides by the number of occurrences in the window and by whether there is any at all up to
   * now.
   */
  boolean accepts(int inWindow, boolean ever) {
    return operator.accepts(inWindow, value) && (ever || includeNever || !acceptsZero());
  }

  /** The comparisons. */
  public enum Operator {
    AT_LEAST("at_least"),
    AT_MOST("at_most"),
    EXACTLY("exactly"),
    FEWER_THAN("fewer_than"),
    MORE_THAN("more_than");

    private final String wireName;

    Operator(String wireName) {
      this.wireName = wireName;
    }

    /** The name in JSON. */
    public String wireName() {
      return wireName;
    }

    static @Nullable Operator named(String wireName) {
      for (Operator operator : values()) {
        if (operator.wireName.equals(wireName)) {
          return operator;
        }
      }
      return null;
    }

    /** The smallest number that makes sense: "at least 0" is always true, "fewer than 0" never. */
    int smallestValue() {
      return switch (this) {
        case AT_LEAST, FEWER_THAN -> 1;
        case AT_MOST, EXACTLY, MORE_THAN -> 0;
      };
    }

    boolean acceptsZero(int value) {
      return accepts(0, value);
    }

    boolean accepts(int count, int value) {
      return switch (this) {
        case AT_LEAST -> count >= value;
        case AT_MOST -> count <= value;
        case EXACTLY -> count == value;
        case FEWER_THAN -> count < value;
        case MORE_THAN -> count > value;
      };
    }
  }
}
