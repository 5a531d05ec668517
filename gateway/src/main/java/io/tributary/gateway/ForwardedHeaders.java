package io.tributary.gateway;

import java.util.List;
import java.util.Locale;
import org.slf4j.MDC;
import org.springframework.cloud.gateway.server.mvc.filter.HttpHeadersFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.servlet.function.ServerRequest;

/**
 * Tells the services who really asked. What the client itself sent under these names is dropped: it
 * could be anything.
 */
final class ForwardedHeaders implements HttpHeadersFilter.RequestHttpHeadersFilter, Ordered {
  private static final List<String> HOP =
      List.of("connection", "upgrade", "te", "expect", "proxy-authorization", "forwarded");

  @Override
  public HttpHeaders apply(HttpHeaders sent, ServerRequest request) {
    HttpHeaders headers = new HttpHeaders();
    sent.forEach((name, values) -> {
      String lower = name.toLowerCase(Locale.ROOT);
      if (!lower.startsWith("x-forwarded-") && !HOP.contains(lower)) {
        headers.put(name, values);
      }
    });
    headers.set("X-Forwarded-For", request.servletRequest().getRemoteAddr());
    headers.set("X-Forwarded-Proto", request.servletRequest().getScheme());
    String host = request.servletRequest().getHeader("Host");
    if (host != null) {
      headers.set("X-Forwarded-Host", host);
    }
    String requestId = MDC.get("requestId");
    if (requestId != null) {
      headers.set("X-Request-Id", requestId); // one id through all logs
    }
    return headers;
  }

  @Override
  public int getOrder() {
    return Ordered.LOWEST_PRECEDENCE;
  }
}
