package io.tributary.stream;

/** Another owner took a partition of this batch: the batch is dropped and the group joined anew. */
final class FencedException extends Exception {
  private static final long serialVersionUID = 1L;

  FencedException(String message) {
    super(message);
  }
}
