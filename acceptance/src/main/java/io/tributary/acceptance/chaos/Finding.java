package io.tributary.acceptance.chaos;

/**
 * Something that isn't as promised.
 *
 * @param invariant which one, as docs/chaos.md numbers them
 * @param round in which the message was sent; 0 where none can be named
 */
record Finding(Kind kind, String invariant, int round, String sentence) {

  /** The four figures of the last line. */
  enum Kind {
    LOST,
    REPEATED,
    GHOST,
    MISMATCHED
  }

  static Finding lost(String invariant, int round, String sentence) {
    return new Finding(Kind.LOST, invariant, round, sentence);
  }

  static Finding repeated(String invariant, int round, String sentence) {
    return new Finding(Kind.REPEATED, invariant, round, sentence);
  }

  static Finding ghost(String invariant, int round, String sentence) {
    return new Finding(Kind.GHOST, invariant, round, sentence);
  }

  static Finding mismatched(String invariant, int round, String sentence) {
    return new Finding(Kind.MISMATCHED, invariant, round, sentence);
  }
}
