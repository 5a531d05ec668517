package io.tributary.webhook;

import java.time.Duration;

/**
 * The same for who reads much and keeps little of it: {@value #MOST_BYTES} bytes in all, for {@link
 * #LIFE}.
 */
public final class GuardedReading extends GuardedSockets {
  /** How long a connection may be used. */
  public static final Duration LIFE = Duration.ofMinutes(15);

  private static final long MOST_BYTES = 4_000_000_000L;

  /**
   * A factory.
   *
   * @param allowed {@code host:port} and others, with commas between them; may be empty
   */
  public GuardedReading(String allowed) {
    super(allowed, ANSWER, LIFE, MOST_BYTES);
  }
}
