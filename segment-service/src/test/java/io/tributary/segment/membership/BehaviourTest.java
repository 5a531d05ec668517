package io.tributary.segment.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.segment.membership.Behaviour.Occurrence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BehaviourTest {
  @Test
  void theSameOccurrenceAgainCountsOnceAndTwoAtOneMomentCountTwice() {
    Behaviour behaviour =
        Behaviour.of(List.of(new Occurrence(5, 1), new Occurrence(5, 2)))
            .with(List.of(new Occurrence(5, 1)));
    assertThat(behaviour.times()).containsExactly(5L, 5L);
  }

  @Test
  void orderAndPortionsDoNotMatter() {
    Random random = new Random(7);
    List<Occurrence> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(new Occurrence(random.nextInt(40), random.nextInt(5)));
    }
    Behaviour expected = Behaviour.of(all).pruned(10, 25);
    for (int round = 0; round < 50; round++) {
      Collections.shuffle(all, random);
      Behaviour folded = Behaviour.NONE;
      for (int from = 0; from < 100; from += 20) {
        folded = folded.with(all.subList(from, from + 20)).pruned(10, 25);
      }
      assertThat(folded).isEqualTo(expected);
    }
  }

  @Test
  void pruningKeepsWhatLiesAheadAndTheLatestOthers() {
    Behaviour behaviour =
        Behaviour.of(
                List.of(
                    new Occurrence(10, 1),
                    new Occurrence(20, 2),
                    new Occurrence(30, 3),
                    new Occurrence(40, 4)))
            .pruned(1, 25);
    assertThat(behaviour.times()).containsExactly(40L, 30L, 20L);
  }

  @Test
  void whatTheStoreKeepsReadsBackEqual() {
    Behaviour behaviour = Behaviour.of(List.of(new Occurrence(10, -1), new Occurrence(20, 2)));
    assertThat(Behaviour.of(behaviour.times(), behaviour.ids())).isEqualTo(behaviour);
  }
}
