package io.tributary.ingestion.quarantine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingestion.Schema;
import io.tributary.testing.TestPostgres;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What was refused before there were transformations is kept as it came. */
class TransformedMigrationTest {
  @Test
  void earlierEntriesCountAsTheyCame() {
    DataSource dataSource = TestPostgres.freshDatabase().dataSource();
    JdbcClient sql = JdbcClient.create(dataSource);
    Schema.migrations(dataSource).target("7").load().migrate();
    sql.sql(
            """
            insert into ingestion.refused_event (partition, position, received_at, on_device)
            values (0, 1, now(), false)
            """)
        .update();

    Schema.migrations(dataSource).load().migrate();

    assertThat(
            sql.sql("select transformed from ingestion.refused_event")
                .query(Boolean.class)
                .single())
        .isFalse();
    assertThat(sql.sql("select count(*) from ingestion.transformation").query(Long.class).single())
        .isZero();
  }
}
