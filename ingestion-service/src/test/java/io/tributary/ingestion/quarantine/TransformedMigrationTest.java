package io.tributary.ingestion.quarantine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.testing.TestPostgres;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What was refused before there were transformations is kept as it came. */
class TransformedMigrationTest {
  private static FluentConfiguration flyway(DataSource dataSource) {
    return Flyway.configure()
        .dataSource(dataSource)
        .schemas("ingestion")
        .locations("classpath:db/migration/ingestion", "classpath:db/stream")
        .outOfOrder(true);
  }

  @Test
  void earlierEntriesCountAsTheyCame() {
    DataSource dataSource = TestPostgres.freshDatabase().dataSource();
    JdbcClient sql = JdbcClient.create(dataSource);
    flyway(dataSource).target("7").load().migrate();
    sql.sql(
            """
            insert into ingestion.refused_event (partition, position, received_at, on_device)
            values (0, 1, now(), false)
            """)
        .update();

    flyway(dataSource).load().migrate();

    assertThat(
            sql.sql("select transformed from ingestion.refused_event")
                .query(Boolean.class)
                .single())
        .isFalse();
    assertThat(sql.sql("select count(*) from ingestion.transformation").query(Long.class).single())
        .isZero();
  }
}
