package io.tributary.gateway;

import io.tributary.access.Secrets;
import io.tributary.web.Problem;
import io.tributary.web.ProblemAnswer;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Optional;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets whoever has the token for metrics use the gateway's own port; only health is open. It's the
 * one token that the gateway knows: it has no database to look others up in, and is to be seen when
 * all services are away.
 */
final class OwnPortFilter extends OncePerRequestFilter {
  private final String token;

  /**
   * A filter.
   *
   * @param token empty to let nobody in
   */
  OwnPortFilter(String token) {
    this.token = token;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    String path = request.getServletPath();
    return path.equals("/actuator/health") || path.startsWith("/actuator/health/");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Optional<String> sent = Secrets.bearer(request);
    if (sent.isEmpty()) {
      refuse(request, response, "token_required", "Send the token for metrics as Bearer.");
    } else if (!isToken(sent.get())) {
      refuse(
          request,
          response,
          "token_unknown",
          "This port knows TRIBUTARY_METRICS_TOKEN and no other.");
    } else {
      chain.doFilter(request, response);
    }
  }

  /** Takes as long for a guess that begins well as for any other. */
  private boolean isToken(String sent) {
    return !token.isEmpty() && MessageDigest.isEqual(Secrets.hash(token), Secrets.hash(sent));
  }

  private static void refuse(
      HttpServletRequest request, HttpServletResponse response, String code, String detail)
      throws IOException {
    ProblemAnswer.write(request, response, Problem.unauthorized(code, detail));
  }
}
