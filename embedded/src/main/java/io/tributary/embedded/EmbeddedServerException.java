package io.tributary.embedded;

import org.jspecify.annotations.Nullable;

/**
 * An embedded server can't start or stop; the message is a sentence that an operator can act on.
 */
public final class EmbeddedServerException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Says what failed and what to do. */
  public EmbeddedServerException(String message) {
    super(message);
  }

  /** Says what failed and what to do, with the cause. */
  public EmbeddedServerException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
