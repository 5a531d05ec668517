package io.tributary.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Carries out a POST with an {@code Idempotency-Key} once and answers its repetitions with the
 * first answer. Stands behind authentication, since keys belong to a workspace.
 */
public final class IdempotencyFilter extends OncePerRequestFilter {
  private static final Logger LOG = LoggerFactory.getLogger(IdempotencyFilter.class);
  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,200}");
  private static final int MAX_KEPT = 1024 * 1024;
  private static final String[] KEPT_HEADERS = {"Content-Type", "ETag", "Location"};

  private final Supplier<@Nullable Idempotency> idempotency;
  private final Function<HttpServletRequest, Optional<String>> workspace;

  /**
   * The filter.
   *
   * @param idempotency answers null in a service that has no such POSTs
   * @param workspace whose request it is; empty for one that was not authenticated
   */
  public IdempotencyFilter(
      Supplier<@Nullable Idempotency> idempotency,
      Function<HttpServletRequest, Optional<String>> workspace) {
    this.idempotency = idempotency;
    this.workspace = workspace;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String key = request.getHeader("Idempotency-Key");
    Optional<String> owner = workspace.apply(request);
    Idempotency answers = idempotency.get();
    if (key == null || !request.getMethod().equals("POST") || owner.isEmpty() || answers == null) {
      chain.doFilter(request, response);
      return;
    }
    try {
      once(answers, owner.get(), key, request, response, chain);
    } catch (Problem problem) {
      ProblemAnswer.write(request, response, problem);
    } catch (BodyTooLargeException e) {
      ProblemAnswer.write(request, response, e.problem());
    }
  }

  private static void once(
      Idempotency answers,
      String workspaceId,
      String key,
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain)
      throws ServletException, IOException {
    if (!KEY.matcher(key).matches()) {
      throw Problem.invalid(
          "Idempotency-Key", "invalid_value", "must be 1 to 200 visible ASCII characters");
    }
    byte[] body = request.getInputStream().readAllBytes();
    switch (claim(answers, workspaceId, key, hash(request, body))) {
      case Idempotency.Claim.Ours ours ->
          carryOut(answers, ours, new KeptBodyRequest(request, body), response, chain);
      case Idempotency.Claim.Done done -> replay(done.answer(), response);
      case Idempotency.Claim.OtherRequest _ ->
          throw Problem.of(
              422,
              "idempotency_key_reused",
              "This Idempotency-Key was used for another request within the last 24 hours. Take a"
                  + " new key for each new request, and send repetitions unchanged.");
      case Idempotency.Claim.InProgress _ ->
          throw Problem.conflict(
                  "request_in_progress",
                  "A request with this Idempotency-Key is being carried out. Send it again in a"
                      + " moment for its answer.")
              .retryAfter(java.time.Duration.ofSeconds(1));
    }
  }

  private static Idempotency.Claim claim(
      Idempotency answers, String workspaceId, String key, byte[] hash) {
    try {
      return answers.claim(workspaceId, key, hash);
    } catch (DataAccessException e) {
      LOG.warn("idempotency action=claim outcome=failed cause={}", e.toString());
      throw ProblemOf.databaseAway();
    }
  }

  private static void carryOut(
      Idempotency answers,
      Idempotency.Claim.Ours ours,
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain)
      throws ServletException, IOException {
    ContentCachingResponseWrapper kept = new ContentCachingResponseWrapper(response);
    boolean settled = false;
    try {
      chain.doFilter(request, kept);
      settled = kept.getStatus() / 100 == 2 && kept.getContentSize() <= MAX_KEPT;
      if (settled) {
        answers.finish(ours, answer(request, kept));
      }
    } catch (DataAccessException e) {
      // The work is done, only its answer isn't kept: the lease will run out.
      LOG.warn("idempotency action=finish outcome=failed cause={}", e.toString());
    } finally {
      if (!settled) {
        release(answers, ours);
      }
    }
    kept.copyBodyToResponse();
  }

  private static void release(Idempotency answers, Idempotency.Claim.Ours ours) {
    try {
      answers.release(ours);
    } catch (DataAccessException e) {
      LOG.warn("idempotency action=release outcome=failed cause={}", e.toString());
    }
  }

  private static Idempotency.Answer answer(
      HttpServletRequest request, ContentCachingResponseWrapper response) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (String name : KEPT_HEADERS) {
      String value =
          name.equals("Content-Type") ? response.getContentType() : response.getHeader(name);
      if (value != null) {
        headers.put(name, value);
      }
    }
    Optional<byte[]> body =
        Idempotency.isSecret(request)
            ? Optional.empty()
            : Optional.of(response.getContentAsByteArray());
    return new Idempotency.Answer(response.getStatus(), headers, body);
  }

  private static void replay(Idempotency.Answer answer, HttpServletResponse response)
      throws IOException {
    response.setHeader("Idempotent-Replay", "true");
    byte[] body =
        answer
            .body()
            .orElseThrow(() ->
                Problem.conflict(
                    "secret_shown_once",
                    "This request was carried out already, and its answer held a secret that"
                        + " is shown only once. If you never saw it, revoke what was created"
                        + " and create another with a new Idempotency-Key."));
    response.setStatus(answer.status());
    answer.headers().forEach(response::setHeader);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  private static byte[] hash(HttpServletRequest request, byte[] body) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String line = request.getRequestURI() + '\n' + request.getQueryString() + '\n';
      digest.update(line.getBytes(StandardCharsets.UTF_8));
      return digest.digest(body);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
