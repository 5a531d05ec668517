package io.tributary.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class LoadTest {
  @Test
  void anAnswerThatIsLateCountsForAllThatHadToWait() throws Exception {
    try (SlowCollector collector =
        new SlowCollector(number -> {
          if (number == 0) {
            pause(500);
          }
          return 200;
        })) {
      Load load = new Load(collector.target());

      Load.Outcome outcome = load.open(1, 1, 100, lanes(collector, 1), Load.anyOf(10));

      // One request was slow, but on schedule 50 were to be sent while it was.
      assertThat(outcome.answers().getTotalCount()).isEqualTo(100);
      assertThat(outcome.answers().getCountBetweenValues(100_000_000, 60_000_000_000L))
          .isGreaterThan(20);
      assertThat(outcome.events()).isEqualTo(100);
    }
  }

  @Test
  void onlyWhatWasAnsweredWithSuccessCountsAsAccepted() throws Exception {
    try (SlowCollector collector = new SlowCollector(number -> number % 5 == 0 ? 503 : 200)) {
      Load load = new Load(collector.target());

      Load.Outcome outcome = load.burst(3, 50, lanes(collector, 10), Load.anyOf(10));

      assertThat(outcome.statuses()).containsEntry(200, 40L).containsEntry(503, 10L);
      assertThat(outcome.events()).isEqualTo(400).isEqualTo(load.accepted());
      assertThat(outcome.refused()).isEqualTo(10);
      assertThat(load.unknown()).isEqualTo(100);
    }
  }

  @Test
  void nothingIsSentWhileTheGateIsClosed() throws Exception {
    try (SlowCollector collector = new SlowCollector(_ -> 200)) {
      Load load = new Load(collector.target());

      Load.Outcome outcome = load.closed(2, 0.05, lanes(collector, 1), Load.anyOf(10), () -> false);

      assertThat(outcome.statuses()).isEmpty();
    }
  }

  @Test
  void aConnectionThatCannotBeMadeIsAnErrorAndTheLoadGoesOn() throws Exception {
    Target gone;
    try (SlowCollector collector = new SlowCollector(_ -> 200)) {
      gone = collector.target();
    }
    Load load = new Load(gone);

    Load.Outcome outcome =
        load.burst(1, 3, _ -> Batch.mixed(Door.head(gone, "/"), 1, 1), Load.each());

    assertThat(outcome.statuses()).containsEntry(0, 3L);
    assertThat(load.accepted()).isZero();
    assertThat(load.unknown()).isEqualTo(3);
  }

  @Test
  void theTimeOfEventsAlwaysFillsItsSlot() {
    assertThat(Load.now()).hasSize(Shop.width(Shop.TIME));
  }

  private static Load.Lanes lanes(SlowCollector collector, int size) {
    return lane -> Batch.mixed(Door.head(collector.target(), "/v1/batch"), size, lane);
  }

  /** The collector's slowness, not the test's. */
  private static void pause(int millis) {
    long end = System.nanoTime() + millis * 1_000_000L;
    for (long left; (left = end - System.nanoTime()) > 0; ) {
      LockSupport.parkNanos(left);
    }
  }
}
