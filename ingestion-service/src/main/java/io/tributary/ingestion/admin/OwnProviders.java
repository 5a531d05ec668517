package io.tributary.ingestion.admin;

import io.tributary.access.WriteKeys;
import io.tributary.event.Json;
import io.tributary.ingestion.webhook.Provider;
import io.tributary.ingestion.webhook.Providers;
import io.tributary.web.IfMatch;
import io.tributary.web.Problem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Providers that workspaces describe themselves: rows of {@code access.webhook_provider}. */
final class OwnProviders {
  private static final Logger LOG = LoggerFactory.getLogger(OwnProviders.class);
  private static final int MAX = 50;
  private static final String COLUMNS = "provider, definition, version, created_at, updated_at";
  private static final String OF_WORKSPACE =
      "select " + COLUMNS + " from access.webhook_provider where workspace_id = :workspace";
  private static final String ONE = OF_WORKSPACE + " and provider = :provider";

  private final JdbcClient jdbc;
  private final Changes changes;
  private final Providers known;
  private final WriteKeys writeKeys;
  private final Clock clock;

  /**
   * A definition as it's stored.
   *
   * @param version counts its changes, from 0
   */
  record Stored(
      String provider, String definition, long version, Instant createdAt, Instant updatedAt) {
    JsonNode tree() {
      return Json.MAPPER.readTree(definition);
    }
  }

  OwnProviders(
      JdbcClient jdbc,
      TransactionTemplate transaction,
      Providers known,
      WriteKeys writeKeys,
      Clock clock) {
    this.jdbc = jdbc;
    this.changes = new Changes(transaction, "provider", "webhook_provider_pkey");
    this.known = known;
    this.writeKeys = writeKeys;
    this.clock = clock;
  }

  /** A provider that sources of the workspace can have: a known one, or its own. */
  Optional<Provider> provider(String workspaceId, String id) {
    return known
        .find(id)
        .or(() -> find(workspaceId, id).map(stored -> known.own(stored.definition())));
  }

  /** All that sources of the workspace can have: the known ones, then its own. */
  List<Provider> all(String workspaceId) {
    List<Provider> own =
        list(workspaceId).stream().map(stored -> known.own(stored.definition())).toList();
    return Stream.concat(known.all().stream(), own.stream()).toList();
  }

  List<Stored> list(String workspaceId) {
    return jdbc.sql(OF_WORKSPACE + " order by provider")
        .param("workspace", workspaceId)
        .query(OwnProviders::stored)
        .list();
  }

  private static Stored stored(ResultSet row, int number) throws SQLException {
    return new Stored(
        row.getString(1),
        row.getString(2),
        row.getLong(3),
        row.getObject(4, OffsetDateTime.class).toInstant(),
        row.getObject(5, OffsetDateTime.class).toInstant());
  }

  Optional<Stored> find(String workspaceId, String id) {
    return jdbc.sql(ONE)
        .param("workspace", workspaceId)
        .param("provider", id)
        .query(OwnProviders::stored)
        .optional();
  }

  /**
   * Reads a definition that stands in a body under that name.
   *
   * @throws Problem with all that's wrong with it
   */
  static Provider checked(JsonNode definition) {
    try {
      return Providers.read(definition);
    } catch (Problem e) {
      throw e.below("definition");
    }
  }

  /**
   * Stores a definition.
   *
   * @param definition a checked one
   */
  Stored create(String workspaceId, Provider provider, JsonNode definition) {
    Stored made =
        changes.run(() -> {
          Changes.oneAtATime(jdbc, workspaceId);
          Stored stored =
              write(
                      """
                      insert into access.webhook_provider
                        (workspace_id, provider, definition, version, created_at, updated_at)
                      values (:workspace, :provider, :definition, 0, :now, :now)
                      on conflict do nothing
                      """,
                      workspaceId,
                      provider,
                      definition)
                  .orElseThrow(() ->
                      Problem.conflict(
                          "already_exists",
                          "There is a provider "
                              + provider.provider()
                              + " already; change it by PUT."));
          if (count(workspaceId) > MAX) {
            throw Problem.conflict(
                "too_many_providers",
                "A workspace can describe " + MAX + " providers; delete one that isn't used.");
          }
          return stored;
        });
    changed("create", workspaceId, provider.provider());
    return made;
  }

  private long count(String workspaceId) {
    return jdbc.sql("select count(*) from access.webhook_provider where workspace_id = :workspace")
        .param("workspace", workspaceId)
        .query(Long.class)
        .single();
  }

  /** Puts another definition in the place of one; its sources are judged by it within seconds. */
  Stored replace(String workspaceId, IfMatch ifMatch, Provider provider, JsonNode definition) {
    Stored made =
        changes.run(() -> {
          ifMatch.require(locked(workspaceId, provider.provider()).version());
          return write(
                  """
                  update access.webhook_provider
                  set definition = :definition, version = version + 1, updated_at = :now
                  where workspace_id = :workspace and provider = :provider
                  """,
                  workspaceId,
                  provider,
                  definition)
              .orElseThrow(() -> unknown(provider.provider()));
        });
    changed("replace", workspaceId, provider.provider());
    return made;
  }

  /** The row as it's written; empty where none is. */
  private Optional<Stored> write(
      String statement, String workspaceId, Provider provider, JsonNode definition) {
    return jdbc.sql(statement + " returning " + COLUMNS)
        .param("workspace", workspaceId)
        .param("provider", provider.provider())
        .param("definition", definition.toString())
        .param("now", clock.instant().atOffset(ZoneOffset.UTC))
        .query(OwnProviders::stored)
        .optional();
  }

  /** Deletes a definition that no source has. */
  void delete(String workspaceId, String id, IfMatch ifMatch) {
    changes.run(() -> {
      ifMatch.require(locked(workspaceId, id).version());
      List<String> sources =
          jdbc.sql(
                  """
                  select source_id from access.webhook
                  where workspace_id = :workspace and provider = :provider order by source_id limit 3
                  """)
              .param("workspace", workspaceId)
              .param("provider", id)
              .query(String.class)
              .list();
      if (!sources.isEmpty()) {
        throw Problem.conflict(
            "provider_in_use",
            "Sources have this provider; delete them first: " + String.join(", ", sources) + ".");
      }
      return jdbc.sql(
              """
              delete from access.webhook_provider
              where workspace_id = :workspace and provider = :provider
              """)
          .param("workspace", workspaceId)
          .param("provider", id)
          .update();
    });
    changed("delete", workspaceId, id);
  }

  /** Keeps the definition from being deleted before the caller's transaction has ended. */
  void hold(String workspaceId, String id) {
    if (known.find(id).isEmpty()) {
      locked(workspaceId, id);
    }
  }

  private Stored locked(String workspaceId, String id) {
    return jdbc.sql(ONE + " for update")
        .param("workspace", workspaceId)
        .param("provider", id)
        .query(OwnProviders::stored)
        .optional()
        .orElseThrow(() -> unknown(id));
  }

  static Problem unknown(String id) {
    return Problem.notFound("There is no provider " + id + " that this workspace has described.");
  }

  private void changed(String action, String workspaceId, String id) {
    writeKeys.refresh();
    LOG.info("webhook-provider action={} workspace={} provider={}", action, workspaceId, id);
  }
}
