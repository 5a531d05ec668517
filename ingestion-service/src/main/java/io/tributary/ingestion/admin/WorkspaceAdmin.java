package io.tributary.ingestion.admin;

import io.tributary.access.Caller;
import io.tributary.access.Scopes;
import io.tributary.access.Secrets;
import io.tributary.event.Ids;
import io.tributary.web.Problem;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.domain.Limit;
import org.springframework.transaction.support.TransactionTemplate;

/** Makes workspaces: each comes with its internal source and a first token. */
final class WorkspaceAdmin {
  private static final Logger LOG = LoggerFactory.getLogger(WorkspaceAdmin.class);

  private final Workspaces workspaces;
  private final Sources sources;
  private final SourceKeys keys;
  private final TokenAdmin tokens;
  private final TransactionTemplate transaction;
  private final Clock clock;

  record Made(Workspace workspace, TokenAdmin.Made token) {}

  WorkspaceAdmin(
      Workspaces workspaces,
      Sources sources,
      SourceKeys keys,
      TokenAdmin tokens,
      TransactionTemplate transaction,
      Clock clock) {
    this.workspaces = workspaces;
    this.sources = sources;
    this.keys = keys;
    this.tokens = tokens;
    this.transaction = transaction;
    this.clock = clock;
  }

  Made create(Caller caller, String name) {
    Made made =
        Objects.requireNonNull(
            transaction.execute(status -> {
              if (!own(caller).isOperator()) {
                throw Problem.forbidden(
                    "operator_only",
                    "Only a token of the operator's workspace creates workspaces.");
              }
              return make(caller, name);
            }));
    LOG.info(
        "workspace action=create workspace={} by={}", made.workspace().getId(), caller.tokenId());
    return made;
  }

  List<Workspace> list(Caller caller, String after, int limit) {
    Workspace own = own(caller);
    if (own.isOperator()) {
      return workspaces.page(after, Limit.of(limit));
    }
    return own.getId().compareTo(after) > 0 ? List.of(own) : List.of();
  }

  private Made make(Caller caller, String name) {
    Instant now = clock.instant();
    Workspace workspace = workspaces.save(new Workspace(Ids.create("ws"), name, now));
    Source internal =
        sources.saveAndFlush(
            new Source(Ids.create("src"), workspace.getId(), "Tributary", Source.INTERNAL, now));
    keys.save(new SourceKey(Ids.create("wk"), internal, Secrets.writeKey(), now));
    TokenAdmin.Made token =
        tokens.create(
            new ApiToken.Draft(
                workspace.getId(), "First token", List.of(Scopes.ALL), caller.tokenId(), null));
    return new Made(workspace, token);
  }

  private Workspace own(Caller caller) {
    return workspaces
        .findById(caller.workspaceId())
        .orElseThrow(() -> Problem.notFound("The workspace of this token is gone."));
  }
}
