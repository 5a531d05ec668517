package io.tributary.campaign.journey;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * When to try again after a definite temporary refusal: the waits grow from seconds to hours, each
 * made longer by up to a quarter, so that what failed together isn't repeated together.
 */
public final class RetryPolicy {
  private static final double JITTER = 0.25;
  private static final List<Duration> WAITS =
      List.of(
          Duration.ofSeconds(5),
          Duration.ofMinutes(1),
          Duration.ofMinutes(5),
          Duration.ofMinutes(30),
          Duration.ofHours(2),
          Duration.ofHours(5),
          Duration.ofHours(10),
          Duration.ofHours(14));

  private RetryPolicy() {}

  /**
   * How long to wait before the next attempt; empty when there's no further one.
   *
   * @param attempts how many were made, at least one
   * @param random from 0 to 1
   */
  public static Optional<Duration> waitAfter(int attempts, double random) {
    if (attempts < 1 || random < 0 || random > 1) {
      throw new IllegalArgumentException("attempts=" + attempts + " random=" + random);
    }
    if (attempts > WAITS.size()) {
      return Optional.empty();
    }
    Duration wait = WAITS.get(attempts - 1);
    return Optional.of(wait.plusMillis((long) (wait.toMillis() * JITTER * random)));
  }
}
