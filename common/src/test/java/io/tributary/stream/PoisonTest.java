package io.tributary.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.testing.TestKafka;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Records that can't be processed, among many that can. */
@Timeout(120)
class PoisonTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Each breaks another part of the way. */
  private static final List<String> POISONS =
      List.of(
          "poison", // refused by the database
          "bug", // a fault of the stage's code, in applying only
          "lasting bug", // … and also in saying it again
          // Postgres can't hold such a workspace in the quarantine either.
          "{\"poison\":true,\"workspaceId\":\"w\\u0000\"}",
          "\u0000");

  private StreamFixture fixture;

  @BeforeEach
  void open() throws SQLException {
    fixture = new StreamFixture(4);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void onePoisonInAHundredInAllPartitionsOfOneThreadStopsNobodyElse() throws Exception {
    long seed = Long.getLong("tributary.seed", System.nanoTime());
    List<String> sent = new ArrayList<>(values(1_000));
    for (int i = 0; i < 10; i++) {
      sent.add(POISONS.get(i % POISONS.size()));
    }
    Collections.shuffle(sent, new Random(seed));
    fixture.produce(sent);
    StageLoop loop = fixture.loop(fragile());
    loop.start();
    await("seed " + seed).atMost(LIMIT).until(() -> fixture.emitted().size() >= 1_000);
    loop.stop();

    fixture.assertCountedOnce("seed " + seed, 1_000);
    assertQuarantineHoldsThePoisonAlone("seed " + seed, 10);
  }

  @Test
  void whatWasPutAsideBeforeACrashIsNeitherSaidNorInTheWayAfterIt() throws Exception {
    fixture.produce(POISONS);
    try (FragileWorker worker =
        new FragileWorker(
            fixture,
            "0",
            fragile(),
            (moment, _) -> {
              if (moment == Moment.AFTER_APPEND) {
                throw new FragileWorker.Death();
              }
            })) {
      assertThat(worker.work()).isNull();
    }
    StageLoop loop = fixture.loop(fragile());
    loop.start();
    fixture.produce(0, 40);
    await().atMost(LIMIT).until(() -> fixture.emitted().size() >= 40);
    loop.stop();

    fixture.assertCountedOnce("", 40);
  }

  @Test
  void whatHadItsEffectAndCanNoLongerBeSaidIsInQuarantineAndNotLost() throws Exception {
    fixture.produce(0, 5);
    try (FragileWorker worker = FragileWorker.mortal(fixture, Moment.AFTER_COMMIT, 1)) {
      assertThat(worker.work()).isNull();
    }
    long applied = fixture.seen();
    assertThat(applied).isPositive();
    Stage forgetful = stage(fixture.stage(), text -> false, text -> text.equals("v0"));
    StageLoop loop = fixture.loop(forgetful);
    loop.start();
    await().atMost(LIMIT).until(() -> fixture.emitted().size() + quarantined() >= 5);
    loop.stop();

    assertThat(fixture.seen()).isEqualTo(5);
    assertThat(fixture.emitted().size() + quarantined()).isEqualTo(5);
    assertThat(fixture.emitted()).doesNotHaveDuplicates();
  }

  /** The quarantine has the places and bytes of exactly those records that are no value. */
  private void assertQuarantineHoldsThePoisonAlone(String description, int expected)
      throws SQLException {
    List<String> poison =
        TestKafka.committed(fixture.input).stream()
            .filter(record -> !new String(record.value(), UTF_8).startsWith("v"))
            .map(record ->
                "%d %d %s"
                    .formatted(
                        record.partition(),
                        record.offset(),
                        HexFormat.of().formatHex(record.value())))
            .toList();
    assertThat(
            fixture.texts(
                "select partition || ' ' || position || ' ' || encode(original, 'hex') from counting.quarantine"))
        .as(description)
        .hasSize(expected)
        .containsExactlyInAnyOrderElementsOf(poison);
  }

  private long quarantined() throws SQLException {
    return fixture.number("select count(*) from counting.quarantine");
  }

  private Stage fragile() {
    return stage(
        fixture.stage(),
        text -> text.contains("bug") || text.contains("poison\":"),
        text -> text.contains("lasting"));
  }

  private interface Breaks {
    boolean on(String text);
  }

  /** Breaks on some records when they're applied, and on some when they're said again. */
  private static Stage stage(Stage real, Breaks apply, Breaks reemit) {
    return new Stage() {
      @Override
      public List<Output> apply(Connection connection, List<InputRecord> records)
          throws SQLException {
        fail(records, apply);
        return real.apply(connection, records);
      }

      @Override
      public List<Output> reemit(Connection connection, List<InputRecord> records)
          throws SQLException {
        fail(records, reemit);
        return real.reemit(connection, records).stream()
            .filter(output -> new String(output.value(), UTF_8).startsWith("v"))
            .toList();
      }
    };
  }

  private static void fail(List<InputRecord> records, Breaks on) {
    for (InputRecord record : records) {
      if (on.on(StreamFixture.text(record))) {
        throw new IllegalStateException("a bug");
      }
    }
  }

  private static List<String> values(int count) {
    return IntStream.range(0, count).mapToObj(i -> "v" + i).toList();
  }
}
