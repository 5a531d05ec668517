package io.tributary.event;

/**
 * A record on a topic that isn't what its topic promises. The record goes to quarantine; it's never
 * retried.
 */
public final class MalformedRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what is wrong, without the content. */
  public MalformedRecordException(String message) {
    super(message);
  }

  /** Says what is wrong, without the content. */
  public MalformedRecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
