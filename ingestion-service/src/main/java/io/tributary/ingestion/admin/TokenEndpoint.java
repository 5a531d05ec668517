package io.tributary.ingestion.admin;

import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.web.Cursor;
import io.tributary.web.Faults;
import io.tributary.web.Idempotency;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** API tokens. Their secret is shown once, at the making. */
@RestController
@RequestMapping("/api/v1/tokens")
@RequiresScope(Scopes.TOKENS_WRITE)
class TokenEndpoint {
  private static final Instant LAST_TIME = Instant.parse("9999-12-31T23:59:59Z");

  private final TokenAdmin admin;
  private final Clock clock;

  TokenEndpoint(TokenAdmin admin, Clock clock) {
    this.admin = admin;
    this.clock = clock;
  }

  /**
   * A token as people create it.
   *
   * @param scopes what it may do; no more than the token that creates it
   * @param expiresAt its end; without one it lives until it is revoked
   */
  record NewToken(
      @Nullable String name, @Nullable List<String> scopes, @Nullable Instant expiresAt) {}

  /**
   * A token.
   *
   * @param hint its first letters
   */
  record TokenAnswer(
      String id,
      String name,
      String hint,
      List<String> scopes,
      String createdBy,
      Instant createdAt,
      @Nullable Instant expiresAt,
      @Nullable Instant revokedAt) {
    static TokenAnswer from(ApiToken token) {
      return new TokenAnswer(
          token.getId(),
          token.name(),
          token.hint(),
          token.scopes(),
          token.createdBy(),
          token.createdAt(),
          token.expiresAt(),
          token.revokedAt());
    }
  }

  /**
   * A token that was just made.
   *
   * @param secret what goes behind {@code Authorization: Bearer}; never shown again
   */
  record MadeTokenAnswer(TokenAnswer token, String secret) {
    static MadeTokenAnswer from(TokenAdmin.Made made) {
      return new MadeTokenAnswer(TokenAnswer.from(made.token()), made.secret());
    }
  }

  /**
   * Makes an API token; its secret is shown in this answer only. Nobody can give scopes they don't
   * have.
   */
  @PostMapping
  @ResponseStatus(HttpStatus.CREATED)
  MadeTokenAnswer create(Caller caller, @RequestBody NewToken wanted, HttpServletRequest request) {
    Faults faults = new Faults();
    String name = faults.text(wanted.name(), "name", 100);
    List<String> scopes = wanted.scopes() == null ? List.of() : wanted.scopes();
    faults.check(!scopes.isEmpty(), "scopes", "required", "must name at least one scope");
    for (int i = 0; i < scopes.size(); i++) {
      checkScope(faults, caller, scopes.get(i), "scopes[" + i + "]");
    }
    Instant end = wanted.expiresAt();
    faults.check(
        end == null || (end.isAfter(clock.instant()) && end.isBefore(LAST_TIME)),
        "expiresAt",
        "out_of_range",
        "must lie in the future, before the year 10000");
    faults.throwIfAny();
    Idempotency.answerIsSecret(request);
    return MadeTokenAnswer.from(
        admin.create(
            new ApiToken.Draft(
                caller.workspaceId(),
                name,
                List.copyOf(new TreeSet<>(scopes)),
                caller.tokenId(),
                end)));
  }

  private static void checkScope(
      Faults faults, Caller caller, @Nullable String scope, String path) {
    if (scope == null || !Scopes.KNOWN.contains(scope)) {
      faults.add(
          path,
          "invalid_value",
          "must be one of " + String.join(", ", new TreeSet<>(Scopes.KNOWN)));
    } else if (!caller.may(scope)) {
      faults.add(
          path, "scope_exceeded", "is not among your token's scopes, so it can't be passed on");
    }
  }

  /** All API tokens, without their secrets. */
  @GetMapping
  Page<TokenAnswer> list(Caller caller, PageQuery page) {
    String after = page.after("tokens", 1).map(cursor -> cursor.text(0)).orElse("");
    return Page.of(
            admin.list(caller.workspaceId(), after, page.fetchSize()),
            page,
            token -> Cursor.of("tokens", token.getId()))
        .map(TokenAnswer::from);
  }

  /** Revokes a token; it stops working within seconds. */
  @DeleteMapping("/{id}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void revoke(Caller caller, @PathVariable String id) {
    admin.revoke(caller.workspaceId(), id);
  }
}
