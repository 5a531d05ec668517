package io.tributary.conditions;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class OccurrencesTest {

  @Test
  void theLatestComesFirstAndDoublesStay() {
    assertThat(Occurrences.of(3, 9, 5, 9).toArray()).containsExactly(9, 9, 5, 3);
    assertThat(Occurrences.NONE.with(5).with(9).with(3).with(9))
        .isEqualTo(Occurrences.of(3, 9, 5, 9));
  }

  @Test
  void pruningKeepsTheFutureAndTheLatestOfThePast() {
    Occurrences all = Occurrences.of(1, 2, 3, 4, 11, 12);
    assertThat(all.prune(2, 10).toArray()).containsExactly(12, 11, 4, 3);
    assertThat(all.prune(2, 4).toArray()).containsExactly(12, 11, 4, 3);
    assertThat(all.prune(2, Instant.EPOCH.plusNanos(10_999))).isEqualTo(all.prune(2, 10));
    assertThat(all.prune(9, 10)).isSameAs(all);
  }
}
