package io.tributary.profile.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.ProfileId;
import io.tributary.profile.ProfileFixture;
import io.tributary.profile.merge.Person;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestPostgres;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A store of the schema before V840, with people in it, says the same of them afterwards. */
class ClaimsMigrationTest {
  private static final ProfileId ROOT = ProfileFixture.profile(1);
  private static final ProfileId ABSORBED = ProfileFixture.profile(2);
  private static final ProfileId SILENT = ProfileFixture.profile(3);
  private static final ProfileId ERASED = ProfileFixture.profile(4);

  @Test
  void whatWasSaidOfPeopleStaysWhenClaimsMove() {
    DataSource dataSource = TestPostgres.freshDatabase().dataSource();
    JdbcClient sql = JdbcClient.create(dataSource);
    migrate(dataSource, "830");
    sql.sql(
            """
            insert into profile.profile (workspace_id, profile_id, canonical_id, merged_into, traits, consent, event_count,
                                         change_no, erased_at, resolved, resolved_consent, total_event_count, homes)
            values ('ws_a', :root, :root, null,
                    '{"plan": {"v": "gold", "t": 5, "s": "src_1", "m": "m1"}}',
                    '{"ads": {"v": false, "t": 6, "s": "src_1", "m": "m2"}}',
                    3, 9, null, '{"plan": "gold", "age": 40}', '{"ads": false}', 4, array[:root, :absorbed]::uuid[]),
                   ('ws_a', :absorbed, :root, :root, '{"age": {"v": 40, "t": 7, "s": "src_1", "m": "m3"}}', '{}',
                    1, 2, null, null, null, null, null),
                   ('ws_a', :silent, :silent, null, '{}', '{}', 1, 1, null, '{}', '{}', 1, array[:silent]::uuid[]),
                   ('ws_a', :erased, :erased, null, '{}', '{}', 0, 3, now(), '{}', '{}', 0, array[:erased]::uuid[])
            """)
        .param("root", ROOT.uuid())
        .param("absorbed", ABSORBED.uuid())
        .param("silent", SILENT.uuid())
        .param("erased", ERASED.uuid())
        .update();
    List<String> before = seen(sql);
    assertThat(before).hasSize(3);

    migrate(dataSource, "latest");

    assertThat(seen(sql)).isEqualTo(before);
    Person person = new ProfileReader(sql).person("ws_a", ROOT);
    assertThat(new String(Person.plain(person.traits()), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo("{\"age\":40,\"plan\":\"gold\"}");
    assertThat(new String(Person.plain(person.consent()), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo("{\"ads\":false}");
    assertThat(sql.sql("select count(*) from profile.claim").query(Long.class).single())
        .as("rows for those who claim something")
        .isEqualTo(2);
  }

  @Test
  void itIsMadeAlsoWhereTheMigrationsOfAllServicesHaveHigherNumbers() {
    TestDatabase database = TestPostgres.freshDatabase();
    migrate(database.dataSource(), "830");
    // As the version before has left it.
    Flyway.configure()
        .dataSource(database.dataSource())
        .defaultSchema("profile")
        .locations("classpath:db/web")
        .ignoreMigrationPatterns("*:missing")
        .load()
        .migrate();
    List<String> arguments = new ArrayList<>(List.of("--spring.config.name=profile"));
    database.properties().forEach((key, value) -> arguments.add("--" + key + "=" + value));

    try (var context =
        new SpringApplicationBuilder(Migrations.class)
            .web(WebApplicationType.NONE)
            .run(arguments.toArray(String[]::new))) {
      assertThat(context.getBean(Flyway.class).info().current().getVersion().getVersion())
          .isEqualTo("900");
    }

    assertThat(
            JdbcClient.create(database.dataSource())
                .sql("select to_regclass('profile.claim') is not null")
                .query(Boolean.class)
                .single())
        .isTrue();
  }

  /** What the service does to its database at its start, and nothing else. */
  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration({DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class})
  static class Migrations {}

  private static void migrate(DataSource dataSource, String target) {
    Flyway.configure()
        .dataSource(dataSource)
        .defaultSchema("profile")
        .locations("classpath:db/migration/profile", "classpath:db/stream", "classpath:db/web")
        .target(target)
        .load()
        .migrate();
  }

  private static List<String> seen(JdbcClient sql) {
    return sql.sql("select to_jsonb(p)::text from profile.v_profile p order by profile_id")
        .query(String.class)
        .list();
  }
}
