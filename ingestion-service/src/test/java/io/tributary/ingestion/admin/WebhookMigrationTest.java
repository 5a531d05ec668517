package io.tributary.ingestion.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.access.WriteKey;
import io.tributary.access.WriteKeys;
import io.tributary.testing.TestPostgres;
import java.time.Clock;
import java.util.Optional;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A database of the schema before webhooks, with sources in it, goes on as it was. */
class WebhookMigrationTest {
  @Test
  void sourcesAndKeysStayAndWebhooksMayBeAdded() {
    DataSource dataSource = TestPostgres.freshDatabase().dataSource();
    JdbcClient sql = JdbcClient.create(dataSource);
    // As the version before has left it, the shared migrations with their higher numbers too.
    Flyway.configure()
        .dataSource(dataSource)
        .schemas("access")
        .locations("classpath:db/migration/access", "classpath:db/web")
        .target("1")
        .load()
        .migrate();
    Flyway.configure()
        .dataSource(dataSource)
        .schemas("access")
        .locations("classpath:db/web")
        .ignoreMigrationPatterns("*:missing")
        .load()
        .migrate();
    sql.sql(
            """
            insert into access.source (workspace_id, source_id, name, kind, enabled, created_at, updated_at)
            values ('ws_1', 'src_1', 'Shop', 'web', true, now(), now()),
                   ('ws_1', 'src_2', 'Tributary', 'tributary', true, now(), now())
            """)
        .update();
    sql.sql(
            """
            insert into access.write_key (workspace_id, key_id, source_id, write_key, created_at, revoked_at)
            values ('ws_1', 'wk_1', 'src_1', 'key-1', now(), null), ('ws_1', 'wk_2', 'src_1', 'key-2', now(), now())
            """)
        .update();

    AccessAdminConfiguration.migrate(dataSource);

    WriteKeys keys = new WriteKeys(dataSource, Clock.systemUTC());
    assertThat(keys.find("key-1"))
        .isEqualTo(Optional.of(new WriteKey("key-1", "ws_1", "src_1", "web", null)));
    assertThat(keys.find("key-2")).isEmpty();

    sql.sql(
            """
            insert into access.source (workspace_id, source_id, name, kind, enabled, created_at, updated_at)
            values ('ws_1', 'src_3', 'Stripe', 'webhook', true, now(), now())
            """)
        .update();
    sql.sql("insert into access.webhook values ('ws_1', 'src_3', 'stripe')").update();
    sql.sql("insert into access.write_key values ('ws_1', 'wk_3', 'src_3', 'key-3', now(), null)")
        .update();
    keys.refresh();
    assertThat(keys.find("key-3").map(WriteKey::webhook).orElse(""))
        .contains("\"provider\" : \"stripe\"");
  }

  /** The same for the schema before workspaces could describe providers themselves. */
  @Test
  void webhooksGoOnAndMayHaveAProviderOfTheirOwn() {
    DataSource dataSource = TestPostgres.freshDatabase().dataSource();
    JdbcClient sql = JdbcClient.create(dataSource);
    Flyway.configure()
        .dataSource(dataSource)
        .schemas("access")
        .locations("classpath:db/migration/access")
        .target("2")
        .load()
        .migrate();
    sql.sql(
            """
            insert into access.source (workspace_id, source_id, name, kind, enabled, created_at, updated_at)
            values ('ws_1', 'src_1', 'Stripe', 'webhook', true, now(), now()),
                   ('ws_1', 'src_2', 'Acme', 'webhook', true, now(), now())
            """)
        .update();
    sql.sql(
            """
            insert into access.webhook (workspace_id, source_id, provider, key)
            values ('ws_1', 'src_1', 'stripe', 'sealed')
            """)
        .update();
    sql.sql(
            """
            insert into access.write_key
            values ('ws_1', 'wk_1', 'src_1', 'key-1', now(), null), ('ws_1', 'wk_2', 'src_2', 'key-2', now(), null)
            """)
        .update();

    AccessAdminConfiguration.migrate(dataSource);

    sql.sql(
            """
            insert into access.webhook_provider
            values ('ws_1', 'own-acme', '{"provider": "own-acme"}', 0, now(), now()),
                   ('ws_2', 'own-acme', '{"provider": "another"}', 0, now(), now())
            """)
        .update();
    sql.sql("insert into access.webhook values ('ws_1', 'src_2', 'own-acme')").update();
    WriteKeys keys = new WriteKeys(dataSource, Clock.systemUTC());
    assertThat(keys.find("key-1").map(WriteKey::webhook).orElse(""))
        .contains("\"key\" : \"sealed\"", "\"definition\" : null");
    assertThat(keys.find("key-2").map(WriteKey::webhook).orElse(""))
        .contains("own-acme\\\"}")
        .doesNotContain("another");
  }
}
