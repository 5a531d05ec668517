package io.tributary.gateway;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Counts and times what comes through the door, by the route it took. Paths are no labels: whoever
 * asks could make up as many as they like.
 */
final class RequestMetrics extends OncePerRequestFilter {
  private static final String ROUTE = RequestMetrics.class.getName() + ".route";

  /** For addresses that lead nowhere, and for what the gateway answers by itself. */
  private static final String NO_ROUTE = "none";

  private final MeterRegistry registry;

  RequestMetrics(MeterRegistry registry) {
    this.registry = registry;
    // Before any request: of a series that begins at 1 nobody can tell that it rose.
    for (int status : new int[] {200, 500, 503}) {
      Routes.names().forEach(route -> requests(route, status));
      requests(NO_ROUTE, status);
    }
  }

  /** Notes which route a request takes. */
  static void taken(HttpServletRequest request, String route) {
    request.setAttribute(ROUTE, route);
  }

  /** The health of the whole is asked for all the time, and by nobody who wants something done. */
  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return request.getRequestURI().equals("/health");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    long begin = System.nanoTime();
    boolean answered = false;
    try {
      chain.doFilter(request, response);
      answered = true;
    } finally {
      // The container makes a 500 of what gets this far, unless the answer has begun.
      int status = answered || response.isCommitted() ? response.getStatus() : 500;
      requests(route(request), status).record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
    }
  }

  private static String route(HttpServletRequest request) {
    return request.getAttribute(ROUTE) instanceof String route ? route : NO_ROUTE;
  }

  private Timer requests(String route, int status) {
    return registry.timer(
        "tributary.gateway.requests",
        "route",
        route,
        "status",
        String.valueOf(status),
        "outcome",
        outcome(status));
  }

  private static String outcome(int status) {
    if (status >= 500) {
      return "failed";
    }
    return status >= 400 ? "refused" : "answered";
  }
}
