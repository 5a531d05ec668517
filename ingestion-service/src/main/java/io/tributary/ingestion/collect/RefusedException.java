package io.tributary.ingestion.collect;

/** Ends a request with an answer that says why. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Answer answer;

  RefusedException(int status, String code, String message) {
    super(code, null, false, false);
    this.answer = Answer.refused(status, code, message);
  }

  Answer answer() {
    return answer;
  }
}
