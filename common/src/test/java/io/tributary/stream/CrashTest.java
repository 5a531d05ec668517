package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.testing.TestKafka;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A process ends exactly between two acts of a batch. */
class CrashTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private StreamFixture fixture;

  @BeforeEach
  void open() throws SQLException {
    fixture = new StreamFixture();
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @ParameterizedTest
  @EnumSource
  void whoeverComesAfterFinishesWhatWasBegunAndRepeatsNothing(Moment end) throws Exception {
    fixture.produce(0, 120);
    try (FragileWorker worker = FragileWorker.mortal(fixture, end, 2)) {
      assertThat(worker.work()).isNull();
    }
    int said = fixture.emitted().size();
    long applied = fixture.seen();
    assertThat(said).isBetween(1, 119);
    if (end.hasEffect() && !end.isSaid()) {
      assertThat(applied).as("the batch at hand had its effect").isGreaterThan(said);
    } else {
      assertThat(applied).isEqualTo(said);
    }
    StageLoop loop = fixture.loop(fixture.stage());
    loop.start();
    fixture.produce(120, 130);
    await().atMost(LIMIT).until(() -> fixture.emitted().size() >= 130);
    loop.stop();

    fixture.assertCountedOnce(end.toString(), 130);
    assertThat(TestKafka.committed(fixture.output))
        .filteredOn(record -> record.headers().lastHeader("again") != null)
        .as("what only had its effect before says so")
        .hasSize((int) (applied - said));
  }

  @Test
  void soItIsHoweverOftenAndWhereverItEnds() throws Exception {
    long seed = Long.getLong("tributary.seed", System.nanoTime());
    Random random = new Random(seed);
    List<Moment> moments = List.of(Moment.values());
    int sent = 0;
    for (int round = 0; round < 12; round++) {
      fixture.produce(sent, sent += 20 + random.nextInt(60));
      Moment end = moments.get(random.nextInt(moments.size()));
      try (FragileWorker worker = FragileWorker.mortal(fixture, end, 1)) {
        assertThat(worker.work()).as("seed %d", seed).isNull();
      }
    }
    int expected = sent;
    StageLoop loop = fixture.loop(fixture.stage());
    loop.start();
    await("seed " + seed).atMost(LIMIT).until(() -> fixture.emitted().size() >= expected);
    loop.stop();

    fixture.assertCountedOnce("seed " + seed, expected);
  }
}
