package io.tributary.ingestion.admin;

import io.tributary.access.Secrets;
import io.tributary.event.Ids;
import io.tributary.web.Problem;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.domain.Limit;
import org.springframework.transaction.support.TransactionTemplate;

/** Makes and revokes API tokens. */
final class TokenAdmin {
  private static final Logger LOG = LoggerFactory.getLogger(TokenAdmin.class);
  private static final int HINT = 8;

  private final ApiTokens tokens;
  private final TransactionTemplate transaction;
  private final Clock clock;

  /** A token at its making: the only moment at which its secret is known. */
  record Made(ApiToken token, String secret) {}

  TokenAdmin(ApiTokens tokens, TransactionTemplate transaction, Clock clock) {
    this.tokens = tokens;
    this.transaction = transaction;
    this.clock = clock;
  }

  /** Joins a transaction that is open already. */
  Made create(ApiToken.Draft draft) {
    String secret = Secrets.token();
    ApiToken token =
        new ApiToken(
            Ids.create("tok"),
            draft,
            Secrets.hash(secret),
            secret.substring(0, HINT),
            clock.instant());
    transaction.executeWithoutResult(status -> tokens.save(token));
    LOG.info(
        "token action=create workspace={} token={} by={}",
        draft.workspaceId(),
        token.getId(),
        draft.createdBy());
    return new Made(token, secret);
  }

  List<ApiToken> list(String workspaceId, String after, int limit) {
    return tokens.page(workspaceId, after, Limit.of(limit));
  }

  void revoke(String workspaceId, String id) {
    Instant now = clock.instant();
    transaction.executeWithoutResult(status -> {
      ApiToken token =
          tokens
              .find(workspaceId, id)
              .orElseThrow(
                  () -> Problem.notFound("There is no token " + id + " in this workspace."));
      token.revoke(now);
      tokens.save(token);
    });
    LOG.info("token action=revoke workspace={} token={}", workspaceId, id);
  }
}
