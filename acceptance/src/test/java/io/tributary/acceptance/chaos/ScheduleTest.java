package io.tributary.acceptance.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.acceptance.chaos.Schedule.Round;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final List<Fault> FAULTS = Fault.of(Shape.ONE_PROCESS);

  @Test
  void theSameSeedGivesTheSameRounds() {
    assertThat(rounds(7, 100)).isEqualTo(rounds(7, 100)).isNotEqualTo(rounds(8, 100));
  }

  @Test
  void everyFaultStrikesOnceBeforeAnyStrikesAgain() {
    List<Fault> all = rounds(7, 2 * FAULTS.size()).stream().map(Round::fault).toList();
    assertThat(all.subList(0, FAULTS.size())).containsExactlyInAnyOrderElementsOf(FAULTS);
    assertThat(all.subList(FAULTS.size(), all.size())).containsExactlyInAnyOrderElementsOf(FAULTS);
  }

  private static List<Round> rounds(long seed, int count) {
    Schedule schedule = new Schedule(FAULTS, seed);
    return IntStream.range(0, count).mapToObj(i -> schedule.next()).toList();
  }
}
