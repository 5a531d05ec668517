package io.tributary.ingestion.files;

/** A file that can't be read any further; the message says where and why, without its content. */
final class UnreadableFileException extends Exception {
  private static final long serialVersionUID = 1L;

  UnreadableFileException(String message) {
    super(message);
  }
}
