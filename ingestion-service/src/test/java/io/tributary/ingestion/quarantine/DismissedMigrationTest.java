package io.tributary.ingestion.quarantine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingestion.Schema;
import io.tributary.testing.TestPostgres;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A database of the schema before entries could be given up goes on as it was. */
class DismissedMigrationTest {
  @Test
  void whatWasPutBackStaysSoAndOthersMayBeGivenUp() {
    DataSource dataSource = TestPostgres.freshDatabase().dataSource();
    JdbcClient sql = JdbcClient.create(dataSource);
    Schema.migrations(dataSource).target("5").load().migrate();
    String insert =
        """
        insert into ingestion.replay (quarantine_id, workspace_id, token_id, state)
        values (:id, 'ws_1', 't', :state)
        """;
    sql.sql(insert).param("id", "qrn_1").param("state", "done").update();
    sql.sql(insert).param("id", "qrn_2").param("state", "started").update();

    Schema.migrations(dataSource).load().migrate();

    sql.sql(insert).param("id", "qrn_3").param("state", "dismissed").update();
    assertThat(ids(sql, "v_replay")).isEqualTo("qrn_1");
    assertThat(ids(sql, "v_dismissed")).isEqualTo("qrn_3");
    QuarantineStore store = new QuarantineStore(dataSource);
    assertThat(store.beginReplays("ws_1", Set.of("qrn_1", "qrn_2", "qrn_3"), "t"))
        .containsExactly("qrn_3");
  }

  private static String ids(JdbcClient sql, String view) {
    return sql.sql("select string_agg(quarantine_id, ' ') from ingestion." + view)
        .query(String.class)
        .single();
  }
}
