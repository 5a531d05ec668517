package io.tributary.conditions;

import java.util.List;

/** True when all of its conditions are. */
public record And(List<Condition> conditions) implements Condition {

  public And {
    conditions = List.copyOf(conditions);
    if (conditions.isEmpty()) {
      throw new IllegalArgumentException("and needs at least one condition");
    }
  }

  /** Joins conditions that must all be true. */
  public static And of(Condition... conditions) {
    return new And(List.of(conditions));
  }
}
