package io.tributary.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/** What the container itself refuses, or a filter broke on, in the same form as all else. */
@Controller
final class ErrorEndpoint implements ErrorController {
  @RequestMapping("/error")
  void error(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Object failure = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    int code = status instanceof Integer number ? number : 404;
    Problem problem = failure instanceof Throwable t ? ProblemOf.exception(t).orElse(null) : null;
    ProblemAnswer.write(request, response, problem == null ? plain(code) : problem);
  }

  /** What can be said when nothing but the status is known. */
  static Problem plain(int status) {
    return switch (status) {
      case 404 -> Problem.notFound("There is nothing at this address.");
      case 400 -> Problem.badRequest("bad_request", "The request is no valid HTTP request.");
      default ->
          status < 500
              ? Problem.of(status, "refused", "The request was refused.")
              : Problem.of(
                  500, "internal_error", "Something is wrong with the server; see its log.");
    };
  }
}
