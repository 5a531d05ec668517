package io.tributary.ingestion.activity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tributary.access.WriteKey;
import io.tributary.ingestion.activity.Increment.Named;
import io.tributary.ingestion.activity.Increment.Span;
import io.tributary.testing.MutableClock;
import io.tributary.testing.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Figures in Postgres. */
class ActivityStoreTest {
  private static final Instant NOW = Instant.parse("2026-03-12T15:30:00Z");
  private static DataSource database;
  private static JdbcClient jdbc;
  private static ActivityStore store;
  private static TransactionTemplate transaction;

  @BeforeAll
  static void migrate() {
    database = TestPostgres.freshDatabase().dataSource();
    Flyway.configure()
        .dataSource(database)
        .schemas("access")
        .locations("classpath:db/migration/access")
        .load()
        .migrate();
    Flyway.configure()
        .dataSource(database)
        .schemas("ingestion")
        .locations("classpath:db/migration/ingestion")
        .load()
        .migrate();
    jdbc = JdbcClient.create(database);
    store = new ActivityStore(database);
    transaction = new TransactionTemplate(new JdbcTransactionManager(database));
  }

  @BeforeEach
  void empty() {
    jdbc.sql("truncate ingestion.source_hour, ingestion.source_day, ingestion.source_total")
        .update();
    jdbc.sql("truncate access.source, access.write_key, access.webhook").update();
    for (String source : List.of("src_1", "src_2")) {
      jdbc.sql(
              """
              insert into access.source (workspace_id, source_id, name, kind, enabled, created_at, updated_at)
              values ('ws_1', :source, :source, 'server', true, now(), now())
              """)
          .param("source", source)
          .update();
    }
  }

  private static Increment of(String source, Instant at, long accepted, String... events) {
    List<Named> names = new ArrayList<>();
    for (String event : events) {
      names.add(new Named(Kind.TRACK, event, "", 1, new Span(at, at)));
    }
    return new Increment(
        Bucket.of("ws_1", source, at),
        Map.of(Counter.ACCEPTED, accepted, Counter.REQUESTS, 1L),
        new Span(at, at),
        names);
  }

  private static void add(Increment... increments) {
    transaction.executeWithoutResult(status -> store.add(List.of(increments)));
  }

  private static Figures read(String source) {
    return store.read("ws_1", source, NOW).orElseThrow();
  }

  @Test
  void hoursOfOneDayAddUpByNameAlsoWithinOneWrite() {
    Instant earlier = NOW.minus(Duration.ofHours(1));
    add(of("src_1", NOW, 2, "a", "b"), of("src_1", earlier, 1, "a"), of("src_2", NOW, 5));
    add(of("src_1", NOW, 1, "a"));
    Figures figures = read("src_1");
    assertThat(figures.hours())
        .extracting(hour -> hour.counts().get(Counter.ACCEPTED))
        .containsExactly(1L, 3L);
    assertThat(figures.of(Kind.TRACK))
        .extracting(
            Figures.Item::name, Figures.Item::count, Figures.Item::first, Figures.Item::last)
        .containsExactly(tuple("a", 3L, earlier, NOW), tuple("b", 1L, NOW, NOW));
    assertThat(figures.ever()).isEqualTo(new Figures.Ever(4, 0, earlier, NOW));
  }

  @Test
  void whatIsOlderThanAWeekIsNeitherShownNorKeptButTheFirstEventIs() {
    Instant old = NOW.minus(Duration.ofDays(8));
    add(of("src_1", old, 1, "a"), of("src_1", NOW, 1, "b"));
    assertThat(read("src_1").hours()).hasSize(1);
    assertThat(read("src_1").of(Kind.TRACK)).hasSize(1);
    store.sweep(NOW);
    assertThat(jdbc.sql("select count(*) from ingestion.source_hour").query(Long.class).single())
        .isEqualTo(1);
    assertThat(jdbc.sql("select count(*) from ingestion.source_day").query(Long.class).single())
        .isEqualTo(1);
    assertThat(read("src_1").ever()).isEqualTo(new Figures.Ever(2, 0, old, NOW));
  }

  @Test
  void collectorsThatAddAtTheSameTimeWaitForEachOtherAndLoseNothing() throws Exception {
    int writers = 6;
    int rounds = 30;
    CountDownLatch gate = new CountDownLatch(1);
    try (ExecutorService pool = Executors.newFixedThreadPool(writers)) {
      List<Future<?>> done = new ArrayList<>();
      for (int w = 0; w < writers; w++) {
        // Each in another order, as memory happens to have it.
        Increment[] both = {of("src_1", NOW, 1, "a", "b"), of("src_2", NOW, 1, "b", "a")};
        Increment[] turned = {of("src_2", NOW, 1, "a", "b"), of("src_1", NOW, 1, "b", "a")};
        Increment[] mine = w % 2 == 0 ? both : turned;
        done.add(
            pool.submit(() -> {
              gate.await();
              for (int i = 0; i < rounds; i++) {
                add(mine);
              }
              return null;
            }));
      }
      gate.countDown();
      for (Future<?> each : done) {
        each.get();
      }
    }
    long expected = (long) writers * rounds;
    for (String source : List.of("src_1", "src_2")) {
      assertThat(read(source).since(Instant.MIN).get(Counter.ACCEPTED)).isEqualTo(expected);
      assertThat(read(source).of(Kind.TRACK))
          .extracting(Figures.Item::count)
          .containsExactly(expected, expected);
    }
  }

  @Test
  void anotherWorkspaceSeesNothing() {
    add(of("src_1", NOW, 1, "a"));
    assertThat(store.read("ws_2", "src_1", NOW)).isEmpty();
  }

  @Test
  void whatCouldNotBeWrittenIsWrittenLaterWithWhatCameMeanwhile() {
    Activity activity = new Activity();
    ActivityWriter writer = new ActivityWriter(activity, store, transaction, MutableClock.at(NOW));
    request(activity);
    jdbc.sql("alter table ingestion.source_day rename to away").update();
    try {
      assertThatThrownBy(writer::write).isInstanceOf(DataAccessException.class);
      assertThat(requests()).isZero();
      request(activity);
      assertThatThrownBy(writer::write).isInstanceOf(DataAccessException.class);
    } finally {
      jdbc.sql("alter table ingestion.away rename to source_day").update();
    }
    writer.write();
    assertThat(requests()).isEqualTo(1);
    writer.write();
    writer.write();
    assertThat(requests()).isEqualTo(2);
  }

  private static void request(Activity activity) {
    Visit visit = activity.visit(NOW, false);
    visit.by(new WriteKey("k", "ws_1", "src_1", "server", null));
    visit.end(null);
  }

  private static long requests() {
    return jdbc.sql("select coalesce(sum(requests), 0) from ingestion.source_hour")
        .query(Long.class)
        .single();
  }
}
