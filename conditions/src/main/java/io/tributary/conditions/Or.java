package io.tributary.conditions;

import java.util.List;

/** True when at least one of its conditions is. */
public record Or(List<Condition> conditions) implements Condition {

  public Or {
    conditions = List.copyOf(conditions);
    if (conditions.isEmpty()) {
      throw new IllegalArgumentException("or needs at least one condition");
    }
  }

  /** Joins conditions of which one must be true. */
  public static Or of(Condition... conditions) {
    return new Or(List.of(conditions));
  }
}
