package io.tributary.ingestion.destination;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** When a message or a receiver is tried again. */
final class Backoff {
  /** After the first attempt, the second and so on; together two days. */
  private static final List<Duration> DELAYS =
      List.of(
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofMinutes(2),
          Duration.ofMinutes(10),
          Duration.ofMinutes(30),
          Duration.ofHours(2),
          Duration.ofHours(5),
          Duration.ofHours(10),
          Duration.ofHours(14),
          Duration.ofHours(20));

  private static final Duration LONGEST_WISH = Duration.ofHours(1);
  private static final Duration LONGEST_PROBE = Duration.ofMinutes(1);

  private Backoff() {}

  /**
   * How long a message waits; empty when it has been tried often enough.
   *
   * @param attempts that failed, 1 at least
   * @param wish of the receiver, heeded up to an hour
   * @param random up to a fifth is added, so that not all come at one moment
   */
  static Optional<Duration> afterAttempt(
      int attempts, Optional<Duration> wish, RandomGenerator random) {
    if (attempts > DELAYS.size()) {
      return Optional.empty();
    }
    Duration planned = longer(DELAYS.get(attempts - 1), wish);
    return Optional.of(planned.plusMillis(random.nextLong(planned.toMillis() / 5 + 1)));
  }

  /**
   * How long a receiver that is down is left alone: 1 s, then twice as long each time, up to a
   * minute, or what it asks for, up to an hour.
   *
   * @param probes that failed, 0 at least
   */
  static Duration beforeProbe(int probes, Optional<Duration> wish) {
    Duration planned = Duration.ofSeconds(1L << Math.min(probes, 6));
    return longer(planned.compareTo(LONGEST_PROBE) > 0 ? LONGEST_PROBE : planned, wish);
  }

  private static Duration longer(Duration planned, Optional<Duration> wish) {
    return wish.map(wanted -> wanted.compareTo(LONGEST_WISH) > 0 ? LONGEST_WISH : wanted)
        .filter(wanted -> wanted.compareTo(planned) > 0)
        .orElse(planned);
  }
}
