package io.tributary.conditions;

import java.util.Objects;

/** True when its condition is not. */
public record Not(Condition condition) implements Condition {

  public Not {
    Objects.requireNonNull(condition);
  }
}
