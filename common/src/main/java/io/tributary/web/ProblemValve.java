package io.tributary.web;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what the container refuses before any application sees it (a broken escape in the path, a
 * header of the wrong form) with a problem; the container by itself sends a page of HTML.
 */
final class ProblemValve extends ErrorReportValve {
  private static final Logger LOG = LoggerFactory.getLogger(ProblemValve.class);

  @Override
  protected void report(Request request, Response response, @Nullable Throwable failure) {
    if (response.getStatus() < 400
        || response.getContentWritten() > 0
        || !response.setErrorReported()) {
      return;
    }
    try {
      ProblemAnswer.write(request, response, ErrorEndpoint.plain(response.getStatus()));
      response.finishResponse();
    } catch (IOException | IllegalStateException e) {
      LOG.debug("http outcome=client-gone cause={}", e.toString());
    }
  }
}
