package io.tributary.web;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A refusal that the caller can act on (RFC 9457): a status, a stable code, a sentence that says
 * what to do, and each single fault with its path. Thrown from anywhere below an endpoint; {@link
 * ProblemHandler} alone turns it into an answer.
 */
public final class Problem extends RuntimeException {
  private final int status;
  private final String code;
  private final String detail;
  private final List<Fault> faults;
  private final @Nullable Duration retryAfter;

  /**
   * One thing that is wrong with a request.
   *
   * @param path where: a JSON path such as {@code condition.all[1].value}, or a parameter's name
   * @param code stable, for programs
   * @param message a sentence, for people: what is wrong and what is allowed
   */
  public record Fault(String path, String code, String message) {}

  private Problem(
      int status, String code, String detail, List<Fault> faults, @Nullable Duration retryAfter) {
    super(status + " " + code + ": " + detail, null, false, false);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.faults = List.copyOf(faults);
    this.retryAfter = retryAfter;
  }

  /** A problem with any status; the named ones below are to be preferred. */
  public static Problem of(int status, String code, String detail) {
    return new Problem(status, code, detail, List.of(), null);
  }

  /** 400: the request can't be understood as it is. */
  public static Problem badRequest(String code, String detail) {
    return of(400, code, detail);
  }

  /** 400 with every fault found, code {@code invalid_request}. */
  public static Problem invalid(List<Fault> faults) {
    String detail =
        faults.size() == 1
            ? faults.getFirst().path() + ": " + faults.getFirst().message()
            : "The request has " + faults.size() + " faults; see errors for each.";
    return new Problem(400, "invalid_request", detail, faults, null);
  }

  /** 400 with a single fault, code {@code invalid_request}. */
  public static Problem invalid(String path, String code, String message) {
    return invalid(List.of(new Fault(path, code, message)));
  }

  /** 401: who is calling? The answer carries WWW-Authenticate. */
  public static Problem unauthorized(String code, String detail) {
    return of(401, code, detail);
  }

  /** 403: known, but not allowed. */
  public static Problem forbidden(String code, String detail) {
    return of(403, code, detail);
  }

  /** 404, code {@code not_found}; also the answer for what lies in another workspace. */
  public static Problem notFound(String detail) {
    return of(404, "not_found", detail);
  }

  /** 409: the present state forbids it. */
  public static Problem conflict(String code, String detail) {
    return of(409, code, detail);
  }

  /** 503: not now; the caller may repeat the request after the given time. */
  public static Problem unavailable(String code, String detail, Duration retryAfter) {
    return of(503, code, detail).retryAfter(retryAfter);
  }

  /** What a failure means for the caller; empty where it is our own fault and not known. */
  public static Optional<Problem> known(Throwable failure) {
    return ProblemOf.exception(failure);
  }

  /** The same problem with single faults. */
  public Problem faults(List<Fault> faults) {
    return new Problem(status, code, detail, faults, retryAfter);
  }

  /** The same faults of a value that itself stands at a place of the request. */
  public Problem below(String path) {
    return invalid(
        faults.stream()
            .map(fault ->
                new Fault(
                    fault.path().equals("$") ? path : JsonPaths.below(path, fault.path()),
                    fault.code(),
                    fault.message()))
            .toList());
  }

  /** The same problem with a Retry-After header. */
  public Problem retryAfter(Duration wait) {
    return new Problem(status, code, detail, faults, wait);
  }

  /** HTTP status. */
  public int status() {
    return status;
  }

  /** Stable code, for programs. */
  public String code() {
    return code;
  }

  /** What to do, for people. */
  public String detail() {
    return detail;
  }

  /** Every single fault. */
  public List<Fault> faults() {
    return faults;
  }

  /** How long to wait, where waiting helps. */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
