package io.tributary.ingestion.plan;

import java.util.List;

/** What compiling a document comes to. */
public sealed interface Compiled {

  /** Events can be checked by it. */
  record Valid(Plan plan) implements Compiled {}

  /** All that is wrong with it. */
  record Invalid(List<Fault> faults) implements Compiled {
    /** Copies the faults. */
    public Invalid {
      faults = List.copyOf(faults);
    }
  }
}
