package io.tributary.conditions;

import java.util.List;

/** What came of reading a condition. */
public sealed interface Parsed {

  /** The JSON was a condition. */
  record Valid(Condition condition) implements Parsed {}

  /** The JSON was none; these are all the problems, at least one. */
  record Invalid(List<Problem> problems) implements Parsed {
    public Invalid {
      problems = List.copyOf(problems);
    }
  }
}
