package io.tributary.stream;

/** The moments of a batch at which a process can end or stand still, in their order. */
enum Moment {
  /** The effects are written, nothing is committed. */
  BEFORE_COMMIT,
  /** Postgres has committed; nothing has been said. */
  AFTER_COMMIT,
  /** The outputs lie in the log, in an open transaction. */
  AFTER_APPEND,
  /** The input offsets belong to that transaction, too; it's still open. */
  AFTER_OFFSETS,
  /** Kafka has committed; the worker doesn't know it. */
  AFTER_KAFKA_COMMIT;

  /** Whether the effects of the batch at hand stand in Postgres. */
  boolean hasEffect() {
    return this != BEFORE_COMMIT;
  }

  /** Whether readers see what the batch at hand says. */
  boolean isSaid() {
    return this == AFTER_KAFKA_COMMIT;
  }
}
