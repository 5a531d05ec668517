package io.tributary.acceptance.chaos;

import java.util.List;
import java.util.Map;

/**
 * What a run in one shape came to.
 *
 * @param messages how many messages were sent in each round, by its number; 0 before the first
 * @param seconds from begin to end
 */
record Outcome(
    Shape shape,
    List<Played> rounds,
    Map<Integer, Long> messages,
    List<Finding> findings,
    double seconds) {

  /**
   * A round that was played.
   *
   * @param recoveryMillis from the end of the fault until nothing was on its way
   * @param fenced memberships of stages that ended in doubt and began anew
   */
  record Played(Schedule.Round round, long recoveryMillis, long fenced) {}

  /** How many findings there are of a kind. */
  long count(Finding.Kind kind) {
    return findings.stream().filter(finding -> finding.kind() == kind).count();
  }

  /** How many messages were sent. */
  long events() {
    return messages.values().stream().mapToLong(Long::longValue).sum();
  }
}
