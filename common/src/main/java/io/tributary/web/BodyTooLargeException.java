package io.tributary.web;

import java.io.IOException;

/** The body went on past the limit while it was read. */
final class BodyTooLargeException extends IOException {
  private final long limit;

  BodyTooLargeException(long limit) {
    super("the body is larger than " + limit + " bytes");
    this.limit = limit;
  }

  Problem problem() {
    return Problem.of(
        413,
        "body_too_large",
        "The body may have " + limit + " bytes at most; send less at a time.");
  }
}
