package io.tributary.web;

import io.tributary.event.Ids;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;

/** The one place that turns exceptions into HTTP answers. */
@RestControllerAdvice
final class ProblemHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ProblemHandler.class);

  @ExceptionHandler(AsyncRequestNotUsableException.class)
  void clientWentAway(AsyncRequestNotUsableException e, HttpServletResponse response) {
    LOG.debug("http outcome=client-gone cause={}", e.toString());
  }

  @ExceptionHandler(Throwable.class)
  void answer(Throwable failure, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (response.isCommitted()) {
      LOG.warn("http method={} outcome=broken-off", request.getMethod(), failure);
      return;
    }
    response.resetBuffer();
    if (failure instanceof ErrorResponse known) {
      HttpHeaders headers = known.getHeaders();
      headers.forEach((name, values) -> values.forEach(v -> response.addHeader(name, v)));
    }
    ProblemAnswer.write(request, response, problem(failure, request));
  }

  private static Problem problem(Throwable failure, HttpServletRequest request) {
    return ProblemOf.exception(failure)
        .orElseGet(() -> {
          String incident = Ids.create("inc");
          LOG.error(
              "http method={} outcome=error incident={}", request.getMethod(), incident, failure);
          return Problem.of(
              500,
              "internal_error",
              "Something is wrong with the server, not with the request. Nothing more is known"
                  + " here; the server's log has it under "
                  + incident
                  + ".");
        });
  }
}
