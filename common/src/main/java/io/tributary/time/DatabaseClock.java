package io.tributary.time;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time as Postgres has it: leases, due times and windows are written there by one instance and
 * compared by another, so they need one clock, and one that a step of this machine's clock doesn't
 * reach. Postgres is asked now and then, beside what goes on; in between, time is only measured.
 * Until it has answered for the first time, and while it is away, this goes on from what is known.
 */
public final class DatabaseClock extends Clock {
  private static final Logger log = LoggerFactory.getLogger(DatabaseClock.class);
  private static final Duration EVERY = Duration.ofSeconds(10);

  /** The time in an answer that took longer says too little. */
  private static final Duration PATIENCE = Duration.ofMillis(200);

  /**
   * What is off by no more, beyond what the way of the answer leaves open, stays as it was
   * measured: else time would go back and forth a little with each answer.
   */
  private static final Duration TOLERANCE = Duration.ofMillis(50);

  private final DataSource dataSource;
  private final LongSupplier nanos;
  private final AtomicBoolean asking = new AtomicBoolean();
  private volatile Known known;
  private volatile long askedAt;

  /** What time it was when {@code nanos} were measured; {@code told} by Postgres or guessed. */
  private record Known(long nanos, Instant at, boolean told) {
    Instant after(long now) {
      return at.plusNanos(now - nanos);
    }
  }

  /** A clock that begins with this machine's time. */
  public DatabaseClock(DataSource dataSource) {
    this(dataSource, Clock.systemUTC(), System::nanoTime);
    ask();
  }

  DatabaseClock(DataSource dataSource, Clock first, LongSupplier nanos) {
    this.dataSource = dataSource;
    this.nanos = nanos;
    this.known = new Known(nanos.getAsLong(), first.instant(), false);
    this.askedAt = nanos.getAsLong();
  }

  @Override
  public Instant instant() {
    Known last = known;
    long now = nanos.getAsLong();
    if (now - askedAt >= EVERY.toNanos() && asking.compareAndSet(false, true)) {
      Thread.ofVirtual().name("database-clock").start(this::askOnce);
    }
    return last.after(now);
  }

  private void askOnce() {
    try {
      ask();
    } finally {
      asking.set(false);
    }
  }

  /** Asks Postgres and goes on from its answer. */
  void ask() {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      long sent = nanos.getAsLong();
      try (ResultSet row = statement.executeQuery("select clock_timestamp()")) {
        row.next();
        Instant at = row.getObject(1, OffsetDateTime.class).toInstant();
        long took = nanos.getAsLong() - sent;
        if (took <= PATIENCE.toNanos() || !known.told()) {
          known = told(known, new Known(sent + took / 2, at, true), Duration.ofNanos(took));
        }
      }
    } catch (SQLException e) {
      // Away: others notice and say so. Time goes on as it was measured.
      log.debug("the time of Postgres is unknown", e);
    } finally {
      askedAt = nanos.getAsLong();
    }
  }

  /** The new answer where the old knowledge is wrong by it, else the old. */
  private static Known told(Known old, Known answer, Duration took) {
    Duration off = Duration.between(old.after(answer.nanos()), answer.at()).abs();
    return off.compareTo(took.plus(TOLERANCE)) > 0
        ? answer
        : new Known(old.nanos(), old.at(), true);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("the time of Postgres is asked for in UTC");
  }
}
