package io.tributary.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * So many a second for each key, with a second's worth to spare. Whoever still has some may take
 * more than that at once, and then waits until it's paid back: a batch larger than the limit isn't
 * shut out for ever. Counted by each process for itself.
 */
public final class RateLimit {
  private static final double SECOND = 1e9;
  private final long perSecond;
  private final LongSupplier nanoTime;
  private final Cache<String, Bucket> buckets =
      Caffeine.newBuilder().maximumSize(100_000).expireAfterAccess(Duration.ofMinutes(10)).build();

  /**
   * A limit.
   *
   * @param perSecond 0 for none
   */
  public RateLimit(long perSecond) {
    this(perSecond, System::nanoTime);
  }

  RateLimit(long perSecond, LongSupplier nanoTime) {
    this.perSecond = perSecond;
    this.nanoTime = nanoTime;
  }

  /** Whether there is a limit at all. */
  public boolean isLimited() {
    return perSecond > 0;
  }

  /** Takes some; answers how long to wait, which is zero when they were granted. */
  public Duration take(String key, long count) {
    if (!isLimited()) {
      return Duration.ZERO;
    }
    return buckets.get(key, _ -> new Bucket(nanoTime.getAsLong())).take(count);
  }

  private final class Bucket {
    private double left = (double) perSecond;
    private long seen;

    Bucket(long now) {
      this.seen = now;
    }

    private synchronized Duration take(long count) {
      long now = nanoTime.getAsLong();
      left =
          Math.min((double) perSecond, left + (double) (now - seen) * (double) perSecond / SECOND);
      seen = now;
      if (left <= 0) {
        return Duration.ofNanos((long) Math.ceil((1 - left) / (double) perSecond * SECOND));
      }
      left -= (double) count;
      return Duration.ZERO;
    }
  }
}
