package io.tributary.ingestion.destination;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What fails is tried later and later, and not for ever. */
class BackoffTest {
  private static final Random RANDOM = new Random(1);

  @ParameterizedTest
  @CsvSource({"1, 5", "2, 30", "3, 120", "4, 600", "6, 7200", "10, 72000"})
  void eachAttemptWaitsItsTimeAndUpToAFifthMore(int attempts, long seconds) {
    for (int i = 0; i < 100; i++) {
      Duration wait = Backoff.afterAttempt(attempts, Optional.empty(), RANDOM).orElseThrow();
      assertThat(wait)
          .isBetween(Duration.ofSeconds(seconds), Duration.ofSeconds(seconds * 6 / 5 + 1));
    }
  }

  @Test
  void afterElevenAttemptsItIsEnough() {
    assertThat(Backoff.afterAttempt(11, Optional.empty(), RANDOM)).isEmpty();
  }

  @Test
  void whatTheReceiverAsksForIsHeededUpToAnHour() {
    assertThat(Backoff.afterAttempt(1, Optional.of(Duration.ofMinutes(5)), RANDOM).orElseThrow())
        .isGreaterThanOrEqualTo(Duration.ofMinutes(5));
    assertThat(Backoff.afterAttempt(1, Optional.of(Duration.ofDays(5)), RANDOM).orElseThrow())
        .isBetween(Duration.ofHours(1), Duration.ofMinutes(72));
    assertThat(Backoff.afterAttempt(5, Optional.of(Duration.ofSeconds(1)), RANDOM).orElseThrow())
        .as("never sooner than planned")
        .isGreaterThanOrEqualTo(Duration.ofMinutes(30));
  }

  @Test
  void aReceiverThatIsDownIsAskedOnceAMinuteAtLeast() {
    assertThat(Backoff.beforeProbe(0, Optional.empty())).isEqualTo(Duration.ofSeconds(1));
    assertThat(Backoff.beforeProbe(3, Optional.empty())).isEqualTo(Duration.ofSeconds(8));
    assertThat(Backoff.beforeProbe(1_000, Optional.empty())).isEqualTo(Duration.ofMinutes(1));
    assertThat(Backoff.beforeProbe(0, Optional.of(Duration.ofMinutes(2))))
        .isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void timesAreToldByTheStepTheyFallInto() {
    long[] counts = new long[Times.SIZE];
    for (int i = 0; i < 94; i++) {
      counts[Times.step(Duration.ofMillis(3))]++;
    }
    for (int i = 0; i < 6; i++) {
      counts[Times.step(Duration.ofMillis(700))]++;
    }
    assertThat(new Times(java.util.Arrays.stream(counts).boxed().toList()).p95()).hasValue(1_000);
    assertThat(new Times(java.util.List.of()).p95()).isEmpty();
    assertThat(Times.step(Duration.ofHours(1))).isEqualTo(Times.SIZE - 1);
  }
}
