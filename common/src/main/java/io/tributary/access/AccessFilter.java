package io.tributary.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tributary.web.Problem;
import io.tributary.web.ProblemAnswer;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets in who holds a good API token. Below {@code /actuator} only health is open; the rest takes a
 * token with {@code metrics:read}.
 */
final class AccessFilter extends OncePerRequestFilter {
  private static final Logger LOG = LoggerFactory.getLogger(AccessFilter.class);
  private static final String CALLER = AccessFilter.class.getName() + ".caller";
  private static final int FAILURES_PER_MINUTE = 30;

  private final TokenAuthenticator tokens;
  private final RateLimit requests;
  private final Cache<String, AtomicInteger> failures =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofMinutes(1)).build();

  /**
   * A filter.
   *
   * @param requests of one token below {@code /api}
   */
  AccessFilter(TokenAuthenticator tokens, RateLimit requests) {
    this.tokens = tokens;
    this.requests = requests;
  }

  static Optional<Caller> caller(HttpServletRequest request) {
    return Optional.ofNullable((Caller) request.getAttribute(CALLER));
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
    Caller caller;
    try {
      caller = authenticate(request);
      if (request.getServletPath().startsWith("/actuator")) {
        ScopeCheck.require(caller, Scopes.METRICS_READ);
      } else {
        limit(caller);
      }
    } catch (Problem problem) {
      ProblemAnswer.write(request, response, problem);
      return;
    }
    request.setAttribute(CALLER, caller);
    chain.doFilter(request, response);
  }

  private void limit(Caller caller) {
    Duration wait = requests.take(caller.tokenId(), 1);
    if (wait.isPositive()) {
      throw Problem.of(
              429, "too_many_requests", "This token has sent too many requests; wait and go on.")
          .retryAfter(Duration.ofSeconds(wait.plusMillis(999).toSeconds()));
    }
  }

  private Caller authenticate(HttpServletRequest request) {
    String token =
        Secrets.bearer(request)
            .orElseThrow(() ->
                Problem.unauthorized(
                    "token_required",
                    "Send an API token as the header: Authorization: Bearer trb_…"));
    return switch (outcome(token)) {
      case TokenAuthenticator.Outcome.Accepted accepted -> accepted.caller();
      case TokenAuthenticator.Outcome.Refused refused -> throw refuse(request, refused);
    };
  }

  private TokenAuthenticator.Outcome outcome(String token) {
    try {
      return tokens.authenticate(token);
    } catch (DataAccessException e) {
      LOG.warn("access action=authenticate outcome=unavailable cause={}", e.toString());
      throw Problem.unavailable(
          "access_unavailable",
          "Tokens can't be checked just now: the database is away or still being set up. Send it"
              + " again in a moment.",
          Duration.ofSeconds(2));
    }
  }

  /**
   * A good token always passes, so nobody behind the same address can lock another out; who goes on
   * guessing is told to stop.
   */
  private Problem refuse(HttpServletRequest request, TokenAuthenticator.Outcome.Refused refused) {
    String address = request.getRemoteAddr();
    int count = failures.get(address, key -> new AtomicInteger()).incrementAndGet();
    if (count <= FAILURES_PER_MINUTE) {
      return Problem.unauthorized(refused.code(), refused.detail());
    }
    if (count == FAILURES_PER_MINUTE + 1) {
      LOG.warn(
          "access action=authenticate outcome=too-many-failures limit={}", FAILURES_PER_MINUTE);
    }
    return Problem.of(
            429,
            "too_many_failures",
            "Too many requests with tokens that are not valid. Wait a minute, then check the token.")
        .retryAfter(Duration.ofMinutes(1));
  }
}
