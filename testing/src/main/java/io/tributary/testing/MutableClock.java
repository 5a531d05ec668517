package io.tributary.testing;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that stands until a test moves it; safe for many threads. */
public final class MutableClock extends Clock {

  private volatile Instant now;

  private MutableClock(Instant now) {
    this.now = now;
  }

  /** A clock that stands at the instant. */
  public static MutableClock at(Instant now) {
    return new MutableClock(now);
  }

  /** A clock that stands at the instant, given as ISO-8601 text. */
  public static MutableClock at(String now) {
    return new MutableClock(Instant.parse(now));
  }

  /** Sets the time. */
  public synchronized void set(Instant instant) {
    now = instant;
  }

  /** Moves the time forward and returns the new one. */
  public synchronized Instant advance(Duration duration) {
    now = now.plus(duration);
    return now;
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("tests use instants, never a zone");
  }
}
