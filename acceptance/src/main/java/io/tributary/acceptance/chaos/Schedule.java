package io.tributary.acceptance.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;

/**
 * Which fault strikes in which round, and when. A function of shape and seed alone: every fault
 * once in a mixed order, then all again in another, without end.
 */
final class Schedule implements Iterator<Schedule.Round> {

  /**
   * A round.
   *
   * @param strikeAfterMillis of load, before the fault
   * @param holdMillis how long it lasts, where it lasts
   * @param loadAfterMillis of load, once it is healed
   * @param seed for everything else that is left to chance in this round
   */
  record Round(
      int number,
      Fault fault,
      int strikeAfterMillis,
      int holdMillis,
      int loadAfterMillis,
      long seed) {}

  private final Random random;
  private final List<Fault> faults;
  private final List<Fault> left = new ArrayList<>();
  private int number;

  /**
   * A schedule.
   *
   * @param faults to choose from
   */
  Schedule(List<Fault> faults, long seed) {
    this.faults = List.copyOf(faults);
    this.random = new Random(seed);
  }

  @Override
  public boolean hasNext() {
    return true;
  }

  @Override
  public Round next() {
    if (left.isEmpty()) {
      left.addAll(faults);
      Collections.shuffle(left, random);
    }
    return new Round(
        ++number,
        left.removeLast(),
        300 + random.nextInt(2_700),
        hold(random),
        300 + random.nextInt(1_200),
        random.nextLong());
  }

  private static int hold(Random random) {
    return 1_000 + random.nextInt(4_000);
  }
}
