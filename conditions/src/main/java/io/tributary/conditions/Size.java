package io.tributary.conditions;

/** Counts the parts of a condition while it is read. */
final class Size {

  private int nodes;

  /** Counts one more part; false, with a problem the first time, once there are too many. */
  boolean more(Problems problems) {
    nodes++;
    if (nodes == Limits.MAX_NODES + 1) {
      problems.add(
          "",
          "too_large",
          "Reduce the condition to "
              + Limits.MAX_NODES
              + " parts; each condition and each filter counts as one.");
    }
    return nodes <= Limits.MAX_NODES;
  }
}
