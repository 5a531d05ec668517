package io.tributary.web;

import io.tributary.event.Ids;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.slf4j.MDC;
import org.springframework.util.unit.DataSize;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * First in line: names each request (X-Request-Id, kept when the caller sends a sensible one), and
 * for what lies below {@code /api} sets the security headers and refuses what no endpoint should
 * have to think about.
 */
final class RequestFilter extends OncePerRequestFilter {
  static final String REQUEST_ID = RequestFilter.class.getName() + ".id";
  private static final String HEADER = "X-Request-Id";
  private static final Pattern SENSIBLE = Pattern.compile("[A-Za-z0-9._-]{8,64}");

  private final long maxBody;

  RequestFilter(DataSize maxBody) {
    this.maxBody = maxBody.toBytes();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String sent = request.getHeader(HEADER);
    String id = sent != null && SENSIBLE.matcher(sent).matches() ? sent : Ids.create("req");
    request.setAttribute(REQUEST_ID, id);
    response.setHeader(HEADER, id);
    try (MDC.MDCCloseable _ = MDC.putCloseable("requestId", id)) {
      if (isCollector(request)) {
        chain.doFilter(request, response);
      } else {
        guarded(request, response, chain);
      }
    }
  }

  /**
   * The collector speaks to browsers of other sites and has its own rules for headers and sizes.
   */
  private static boolean isCollector(HttpServletRequest request) {
    return !request.getServletPath().startsWith("/api")
        && !request.getServletPath().startsWith("/actuator")
        && !request.getServletPath().startsWith("/v3/");
  }

  private void guarded(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    response.setHeader("Referrer-Policy", "no-referrer");
    if (request.isSecure()) {
      response.setHeader("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
    }
    if (hasNul(request)) {
      ProblemAnswer.write(
          request,
          response,
          Problem.badRequest("nul_character", "The address contains U+0000 (%00); leave it out."));
    } else if (request.getContentLengthLong() > maxBody) {
      ProblemAnswer.write(request, response, new BodyTooLargeException(maxBody).problem());
    } else {
      chain.doFilter(new LimitedBodyRequest(request, maxBody), response);
    }
  }

  private static boolean hasNul(HttpServletRequest request) {
    String query = request.getQueryString();
    return (request.getRequestURI() + '?' + query).toLowerCase(Locale.ROOT).contains("%00");
  }
}
