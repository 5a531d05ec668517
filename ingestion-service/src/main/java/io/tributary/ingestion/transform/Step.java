package io.tributary.ingestion.transform;

/**
 * One step of a transformation.
 *
 * @param only the events it's for
 * @param onProblem what becomes of what it couldn't be done to
 */
record Step(Op op, Only only, OnProblem onProblem) {

  /** What becomes of what a step couldn't be done to. */
  enum OnProblem {
    KEEP,
    REMOVE,
    REFUSE
  }
}
