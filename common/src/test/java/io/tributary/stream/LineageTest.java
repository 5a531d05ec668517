package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Postgres is put back as it was a while ago, and Kafka's log goes on as it is. A first stage says
 * what a second one takes; what the first one says differs from life to life, as ids of new
 * profiles do.
 */
class LineageTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final List<String> TABLES =
      List.of("position", "counter", "taken", "change_log", "change_counter");
  private StreamFixture fixture;
  private volatile int life = 1;

  @BeforeEach
  void open() throws SQLException {
    fixture = new StreamFixture();
    fixture.execute("create table counting.taken (value text)");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void theSecondStageTakesWhatTheRestoredLifeSaysAndNothingTwice() throws Exception {
    fixture.produce(0, 30);
    run(first(), () -> fixture.emitted().size() == 30);
    run(second(), () -> taken().size() == 30);
    fixture.produce(30, 40);
    run(first(), () -> fixture.emitted().size() == 40);
    keep(); // The second stage hasn't seen the last ten.
    fixture.produce(40, 70);
    run(first(), () -> fixture.emitted().size() == 70);
    run(second(), () -> taken().size() == 70);

    putBack();
    assertThat(taken()).hasSize(30);
    assertThat(begin("one")).isEqualTo(1);
    assertThat(begin("one")).isEqualTo(1);
    life = 2;
    fixture.produce(70, 80);
    run(first(), () -> fixture.emitted().size() == 110);
    run(second(), () -> taken().size() >= 80);

    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      expected.add("v" + i + "@" + (i < 40 ? 1 : 2));
    }
    assertThat(taken()).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(fixture.number("select sum(total) from counting.counter")).isEqualTo(80);
    assertThat(ghosts()).isGreaterThanOrEqualTo(30);
  }

  @Test
  void aRelayAppendsTheRestoredLifesRowsThoughTheirNumbersWereUsedBefore() throws Exception {
    ChangeLog changes = new ChangeLog("counting", "changes", 1);
    relay(changes, 0, 10);
    keep();
    relay(changes, 10, 30);
    run(second(), () -> taken().size() == 30);

    putBack();
    begin("one");
    life = 2;
    relay(changes, 10, 15);
    run(second(), () -> taken().size() >= 15);
    relay(changes, 15, 18);
    run(second(), () -> taken().size() >= 18);

    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 18; i++) {
      expected.add("row" + i + "@" + (i < 10 ? 1 : 2));
    }
    assertThat(taken()).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void aDatabaseThatWasPutBackWithoutSayingSoStopsThePartitionsInsteadOfRepeating()
      throws Exception {
    fixture.produce(0, 20);
    run(first(), () -> fixture.emitted().size() == 20);
    keep();
    fixture.produce(20, 60);
    run(first(), () -> fixture.emitted().size() == 60);

    putBack();
    StageLoop loop = first();
    loop.start();
    await()
        .atMost(LIMIT)
        .until(() -> loop.stoppedPartitions().values().toString().contains("tributary restored"));
    loop.stop();

    assertThat(fixture.emitted()).hasSize(60);
  }

  private StageLoop first() {
    Stage counting = fixture.stage();
    return fixture.loop(
        new Stage() {
          @Override
          public List<Output> apply(Connection connection, List<InputRecord> records)
              throws SQLException {
            counting.apply(connection, records);
            return reemit(connection, records);
          }

          @Override
          public List<Output> reemit(Connection connection, List<InputRecord> records) {
            return records.stream()
                .map(record -> {
                  String said = StreamFixture.text(record) + "@" + life;
                  return new Output(
                      fixture.output, record.key(), said.getBytes(StandardCharsets.UTF_8), record);
                })
                .toList();
          }
        });
  }

  private StageLoop second() {
    return new StageLoop(
        new StageSettings(fixture.consumer + "-2", "counting", List.of(fixture.output), 50, 1),
        fixture.clients,
        fixture.dataSource,
        new Stage() {
          @Override
          public List<Output> apply(Connection connection, List<InputRecord> records)
              throws SQLException {
            try (PreparedStatement insert =
                connection.prepareStatement("insert into counting.taken values (?)")) {
              for (InputRecord record : records) {
                insert.setString(1, StreamFixture.text(record));
                insert.executeUpdate();
              }
            }
            return List.of();
          }

          @Override
          public List<Output> reemit(Connection connection, List<InputRecord> records) {
            return List.of();
          }
        },
        fixture.registry,
        Clock.systemUTC());
  }

  /** Runs a stage until it has read everything and the condition holds. */
  private void run(StageLoop loop, java.util.concurrent.Callable<Boolean> until) throws Exception {
    loop.start();
    await().atMost(LIMIT).until(until);
    Progress progress =
        new Progress(fixture.clients, List.of(new Progress.Hop(fixture.consumer, fixture.input)));
    await().atMost(LIMIT).until(() -> progress.passed(progress.now()));
    loop.stop();
  }

  private void relay(ChangeLog changes, int from, int to) throws Exception {
    int before = fixture.emitted().size();
    try (Connection connection = fixture.dataSource.getConnection()) {
      connection.setAutoCommit(false);
      for (int i = from; i < to; i++) {
        String text = "row" + i + "@" + life;
        changes.append(
            connection,
            0,
            List.of(
                new ChangeLog.Change(
                    "ws_1", fixture.output, text, id -> text.getBytes(StandardCharsets.UTF_8))));
      }
      connection.commit();
    }
    Relay relay = new Relay(changes, fixture.output, fixture.clients, fixture.dataSource);
    relay.start();
    relay.wake();
    await().atMost(LIMIT).until(() -> fixture.emitted().size() == before + to - from);
    relay.stop();
  }

  private int begin(String name) throws Exception {
    try (Connection connection = fixture.dataSource.getConnection()) {
      return new NewLineage(connection, fixture.clients, List.of("counting", "absent"))
          .begin(name, false, new PositionToken(Map.of()));
    }
  }

  private void keep() throws SQLException {
    for (String table : TABLES) {
      fixture.execute("create table counting.%1$s_kept as table counting.%1$s".formatted(table));
    }
  }

  private void putBack() throws SQLException {
    for (String table : TABLES) {
      fixture.execute(
          "truncate counting.%1$s; insert into counting.%1$s table counting.%1$s_kept"
              .formatted(table));
    }
  }

  private List<String> taken() throws SQLException {
    List<String> taken = new ArrayList<>();
    try (Connection connection = fixture.dataSource.getConnection();
        PreparedStatement query = connection.prepareStatement("table counting.taken");
        var row = query.executeQuery()) {
      while (row.next()) {
        taken.add(row.getString(1));
      }
    }
    return taken;
  }

  private double ghosts() {
    return fixture
        .registry
        .counter("tributary.stage.ghosts", "stage", fixture.consumer + "-2")
        .count();
  }
}
