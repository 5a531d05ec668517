package io.tributary.profile.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.testing.TestPostgres;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What the status says of other services' quarantines. */
class PipelineStoreTest {
  private final JdbcClient sql = JdbcClient.create(TestPostgres.freshDatabase().dataSource());
  private final PipelineStore store = new PipelineStore(sql, new Neighbours(sql));

  @Test
  void onlyWhatWaitsForSomebodyCounts() {
    assertThat(store.quarantined("ws_1")).isEmpty();
    sql.sql("create schema ingestion").update();
    sql.sql(
            """
            create view ingestion.v_quarantine as
            select * from (values ('qrn_1', 'ws_1'), ('qrn_2', 'ws_1'), ('qrn_3', 'ws_1'), ('qrn_4', 'ws_2'))
              as v (id, workspace_id)
            """)
        .update();
    assertThat(store.quarantined("ws_1")).containsEntry("ingestion", 3L).hasSize(1);
    sql.sql("create view ingestion.v_replay as select 'qrn_1' as quarantine_id").update();
    assertThat(store.quarantined("ws_1")).containsEntry("ingestion", 2L);
    sql.sql("create view ingestion.v_dismissed as select 'qrn_2' as quarantine_id").update();
    assertThat(store.quarantined("ws_1")).containsEntry("ingestion", 1L);
  }
}
