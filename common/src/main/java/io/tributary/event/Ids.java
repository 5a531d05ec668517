package io.tributary.event;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes identifiers: {@code <prefix>_<26 characters>} for what people configure and UUIDv7 (RFC
 * 9562, section 5.7) for rows that grow. Both begin with the time in milliseconds, so that new ones
 * land side by side in an index.
 */
public final class Ids {
  private static final char[] ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Clock CLOCK = Clock.systemUTC();
  private static final AtomicLong LAST = new AtomicLong();

  private Ids() {}

  /** A new id such as {@code seg_01k9…}; never repeats. */
  public static String create(String prefix) {
    UUID uuid = uuid();
    char[] out = new char[26];
    long high = uuid.getMostSignificantBits();
    long low = uuid.getLeastSignificantBits();
    for (int i = 25; i >= 0; i--) {
      out[i] = ALPHABET[(int) (low & 31)];
      low = (low >>> 5) | (high << 59);
      high >>>= 5;
    }
    return prefix + "_" + new String(out);
  }

  /** A new UUIDv7 whose first 60 random-free bits never go backwards within this process. */
  public static UUID uuid() {
    long wanted = CLOCK.millis() << 12;
    long ticks = LAST.accumulateAndGet(wanted, (last, now) -> Math.max(last + 1, now));
    long high = ((ticks >>> 12) << 16) | 0x7000L | (ticks & 0xfff);
    long low = (RANDOM.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
    return new UUID(high, low);
  }
}
