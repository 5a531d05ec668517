package io.tributary.ingestion.activity;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingestion.Schema;
import io.tributary.testing.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Events of all sources of a workspace by name. */
class CatalogueTest {
  private static final Instant NOW = Instant.parse("2026-03-10T15:00:00Z");
  private static DataSource dataSource;
  private static JdbcClient jdbc;

  @BeforeAll
  static void migrate() {
    dataSource = TestPostgres.freshDatabase().dataSource();
    Schema.migrations(dataSource).load().migrate();
    jdbc = JdbcClient.create(dataSource);
  }

  private static void came(
      String workspace, String source, String kind, String name, Duration ago, long count) {
    Instant at = NOW.minus(ago);
    jdbc.sql(
            """
            insert into ingestion.source_day
                (workspace_id, source_id, day, kind, name, detail, total, first_at, last_at)
            values (:workspace, :source, :day, :kind, :name, '', :count, :at, :at)
            """)
        .param("workspace", workspace)
        .param("source", source)
        .param("day", at.truncatedTo(ChronoUnit.DAYS).atOffset(ZoneOffset.UTC))
        .param("kind", kind)
        .param("name", name)
        .param("count", count)
        .param("at", at.atOffset(ZoneOffset.UTC))
        .update();
  }

  @Test
  void anEntryAddsUpItsSourcesAndTellsWhatChanged() {
    came("ws_1", "src_a", "track", "Order", Duration.ofDays(5), 4);
    came("ws_1", "src_b", "track", "Order", Duration.ofDays(5), 1);
    came("ws_1", "src_b", "track", "Order", Duration.ofHours(2), 2);
    came("ws_1", "src_a", "track", "Fresh", Duration.ofHours(3), 7);
    for (int day = 2; day < 6; day++) {
      came("ws_1", "src_a", "track", "Gone", Duration.ofDays(day), 9);
    }
    came("ws_1", "src_a", "track", "Rare", Duration.ofDays(3), 1);
    came("ws_1", "src_a", "type", "identify", Duration.ofDays(3), 1);
    came("ws_1", "src_a", "reason", "required", Duration.ofDays(3), 1);
    came("ws_1", "src_a", "track", "Long ago", Duration.ofDays(20), 1);
    came("ws_2", "src_x", "track", "Theirs", Duration.ofDays(1), 1);

    Catalogue catalogue = new Catalogue(dataSource);
    List<Catalogue.Entry> all = catalogue.page("ws_1", "", "", 100, NOW);
    assertThat(all)
        .extracting(entry -> entry.kind() + " " + entry.name() + " " + entry.state())
        .containsExactlyInAnyOrder(
            "track Fresh NEW",
            "track Gone SILENT",
            "track Order STEADY",
            "track Rare STEADY",
            "type identify STEADY");
    Catalogue.Entry order =
        all.stream().filter(entry -> entry.name().equals("Order")).findFirst().orElseThrow();
    assertThat(order.sources()).containsExactly("src_a", "src_b");
    assertThat(order.days().stream().map(Catalogue.Day::count)).containsExactly(5L, 2L);

    Catalogue.Entry second = all.get(1);
    assertThat(catalogue.page("ws_1", second.kind(), second.name(), 2, NOW))
        .containsExactly(all.get(2), all.get(3));
  }
}
