package io.tributary.ingestion.activity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The histogram of clocks. */
class SkewTest {
  private static Skew of(long... millis) {
    TreeMap<Integer, Long> counts = new TreeMap<>();
    for (long each : millis) {
      counts.merge(Skew.bucket(each), 1L, Long::sum);
    }
    return new Skew(counts);
  }

  @Test
  void whatStandsForABucketIsWithinAQuarterOfWhatItHolds() {
    long seed = System.nanoTime();
    System.out.println("seed=" + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      long millis =
          random.nextLong(1L << (1 + random.nextInt(32))) * (random.nextBoolean() ? 1 : -1);
      int bucket = Skew.bucket(millis);
      assertThat(Math.abs(bucket)).isLessThanOrEqualTo(Skew.LAST);
      double middle = Skew.middle(bucket);
      assertThat(Math.abs(middle - millis))
          .as("%d in bucket %d", millis, bucket)
          .isLessThanOrEqualTo(Math.abs(millis) * 0.25);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, Long.MAX_VALUE, 1L << 33, -(1L << 33)})
  void whatIsFartherOffThanTheLastBucketCountsAsThat(long millis) {
    assertThat(Skew.bucket(millis)).isEqualTo(millis < 0 ? -Skew.LAST : Skew.LAST);
  }

  @Test
  void theMiddleHasItsSignAndTheTailCountsEitherWay() {
    Skew skew = of(-3_600_000, -3_600_000, 0, 100, 100, 100, 100, 100, 100, 100);
    assertThat(skew.total()).isEqualTo(10);
    assertThat(skew.median()).isBetween(75L, 125L);
    assertThat(skew.ninetyFifth()).isBetween(2_700_000L, 4_500_000L);
    assertThat(skew.worst()).isBetween(-4_500_000L, -2_700_000L);
  }

  @Test
  void nothingIsOffWhereNothingCame() {
    Skew none = new Skew(new TreeMap<>(Map.of()));
    assertThat(none.median()).isZero();
    assertThat(none.ninetyFifth()).isZero();
    assertThat(none.worst()).isZero();
  }
}
