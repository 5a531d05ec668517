package io.tributary.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.slf4j.MDC;
import tools.jackson.databind.json.JsonMapper;

/**
 * A problem on the wire (RFC 9457).
 *
 * @param type a URN made of the code; there is nothing to be fetched
 * @param title the code in words, the same for each occurrence
 * @param status as in the status line
 * @param detail what is wrong here and what to do
 * @param code stable, for programs
 * @param instance the request, as named in its X-Request-Id header
 * @param errors each single fault; absent when there are none
 */
public record ProblemAnswer(
    String type,
    String title,
    int status,
    String detail,
    String code,
    String instance,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Problem.Fault> errors) {
  static final String MEDIA_TYPE = "application/problem+json";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  static ProblemAnswer of(Problem problem, String requestId) {
    String code = problem.code();
    String title = Character.toUpperCase(code.charAt(0)) + code.substring(1).replace('_', ' ');
    return new ProblemAnswer(
        "urn:tributary:problem:" + code,
        title,
        problem.status(),
        problem.detail(),
        code,
        "urn:tributary:request:" + requestId,
        problem.faults());
  }

  /** Answers a request with the problem; for filters, which stand before the problem handler. */
  public static void write(
      HttpServletRequest request, HttpServletResponse response, Problem problem)
      throws IOException {
    byte[] body = JSON.writeValueAsBytes(of(problem, requestId(request)));
    response.setStatus(problem.status());
    response.setContentType(MEDIA_TYPE);
    if (problem.retryAfter() != null) {
      response.setHeader(
          "Retry-After", Long.toString(Math.max(1, problem.retryAfter().toSeconds())));
    }
    if (problem.status() == 401 && response.getHeader("WWW-Authenticate") == null) {
      response.setHeader("WWW-Authenticate", "Bearer realm=\"tributary\"");
    }
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  private static String requestId(HttpServletRequest request) {
    Object id = request.getAttribute(RequestFilter.REQUEST_ID);
    String known = id == null ? MDC.get("requestId") : id.toString();
    return known == null ? "unknown" : known;
  }
}
