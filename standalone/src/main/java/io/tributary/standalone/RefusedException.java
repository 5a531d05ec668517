package io.tributary.standalone;

/**
 * The command can't be done; the message is a sentence for the person who typed it, and no stack
 * trace follows.
 */
final class RefusedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  RefusedException(String message) {
    super(message);
  }
}
