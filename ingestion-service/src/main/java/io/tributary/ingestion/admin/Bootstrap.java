package io.tributary.ingestion.admin;

import io.tributary.access.Scopes;
import io.tributary.access.Secrets;
import io.tributary.event.Ids;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Creates the first workspace with its write key and token, and whatever internal source is
 * missing. Runs before the service listens, and again at each start: what is there stays. A lock
 * keeps two instances that start at once apart.
 */
final class Bootstrap {
  private static final Logger LOG = LoggerFactory.getLogger(Bootstrap.class);
  private static final Token ADMINISTRATOR = new Token("Administrator", Scopes.ALL, "bootstrap");
  private static final Token METRICS =
      new Token("Metrics", Scopes.METRICS_READ, "bootstrap-metrics");

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final BootstrapProperties wanted;
  private final Clock clock;

  /** A kind of token; of each, one that comes from the settings is good at a time. */
  private record Token(String name, String scope, String createdBy) {}

  Bootstrap(
      JdbcClient jdbc, TransactionTemplate transaction, BootstrapProperties wanted, Clock clock) {
    this.jdbc = jdbc;
    this.transaction = transaction;
    this.wanted = wanted;
    this.clock = clock;
  }

  void run() {
    transaction.executeWithoutResult(status -> {
      jdbc.sql("select pg_advisory_xact_lock(hashtext('tributary.bootstrap'))")
          .query((row, n) -> n)
          .list();
      if (!wanted.isEmpty()) {
        String workspaceId = operatorWorkspace().orElseGet(this::createWorkspace);
        if (wanted.writeKey() != null && !exists(wanted.writeKey())) {
          String sourceId = createSource(workspaceId, "Server", "server");
          createKey(workspaceId, sourceId, wanted.writeKey());
        }
        if (wanted.apiToken() != null) {
          ensureToken(workspaceId, ADMINISTRATOR, wanted.apiToken());
        }
        if (wanted.metricsToken() != null) {
          ensureToken(workspaceId, METRICS, wanted.metricsToken());
        }
      }
      for (String workspaceId : withoutInternalSource()) {
        String sourceId = createSource(workspaceId, "Tributary", Source.INTERNAL);
        createKey(workspaceId, sourceId, Secrets.writeKey());
      }
    });
  }

  private Optional<String> operatorWorkspace() {
    return jdbc.sql(
            "select workspace_id from access.workspace where operator order by created_at limit 1")
        .query(String.class)
        .optional();
  }

  private String createWorkspace() {
    String id = Ids.create("ws");
    jdbc.sql(
            """
            insert into access.workspace (workspace_id, name, operator, created_at)
            values (:id, 'main', true, :now)
            """)
        .param("id", id)
        .param("now", now())
        .update();
    LOG.info("bootstrap action=create-workspace workspace={}", id);
    return id;
  }

  private boolean exists(String writeKey) {
    return jdbc.sql("select count(*) from access.write_key where write_key = :key")
            .param("key", writeKey)
            .query(Long.class)
            .single()
        > 0;
  }

  private String createSource(String workspaceId, String name, String kind) {
    String id = Ids.create("src");
    jdbc.sql(
            """
            insert into access.source
              (workspace_id, source_id, name, kind, enabled, created_at, updated_at)
            select :workspace, :id,
                   case when exists (select 1 from access.source where workspace_id = :workspace
                                     and lower(name) = lower(:name) and deleted_at is null)
                        then :name || ' ' || :id else :name end,
                   :kind, true, :now, :now
            """)
        .param("workspace", workspaceId)
        .param("id", id)
        .param("name", name)
        .param("kind", kind)
        .param("now", now())
        .update();
    LOG.info("bootstrap action=create-source workspace={} source={}", workspaceId, id);
    return id;
  }

  private void createKey(String workspaceId, String sourceId, String writeKey) {
    jdbc.sql(
            """
            insert into access.write_key (workspace_id, key_id, source_id, write_key, created_at)
            values (:workspace, :id, :source, :key, :now)
            """)
        .param("workspace", workspaceId)
        .param("id", Ids.create("wk"))
        .param("source", sourceId)
        .param("key", writeKey)
        .param("now", now())
        .update();
  }

  private void ensureToken(String workspaceId, Token token, String secret) {
    byte[] hash = Secrets.hash(secret);
    int made =
        jdbc.sql(
                """
                insert into access.api_token
                  (workspace_id, token_id, name, token_hash, hint, scopes, created_by, created_at)
                values (:workspace, :id, :name, :hash, :hint, array[:scope]::text[], :by, :now)
                on conflict (token_hash) do nothing
                """)
            .param("workspace", workspaceId)
            .param("id", Ids.create("tok"))
            .param("hash", hash)
            .param("hint", secret.substring(0, 8))
            .param("name", token.name())
            .param("scope", token.scope())
            .param("by", token.createdBy())
            .param("now", now())
            .update();
    if (made == 1) {
      int replaced =
          jdbc.sql(
                  """
                  update access.api_token set revoked_at = :now
                  where created_by = :by and token_hash <> :hash and revoked_at is null
                  """)
              .param("now", now())
              .param("by", token.createdBy())
              .param("hash", hash)
              .update();
      LOG.info(
          "bootstrap action=create-token name={} workspace={} replaced={}",
          token.name(),
          workspaceId,
          replaced);
    }
  }

  private List<String> withoutInternalSource() {
    return jdbc.sql(
            """
            select workspace_id from access.workspace w
            where not exists (select 1 from access.source s
                              where s.workspace_id = w.workspace_id and s.kind = :kind)
            order by workspace_id
            """)
        .param("kind", Source.INTERNAL)
        .query(String.class)
        .list();
  }

  private Timestamp now() {
    return Timestamp.from(clock.instant());
  }
}
