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

  private final DataSource dataSource;
  private final LongSupplier nanos;
  private final AtomicBoolean asking = new AtomicBoolean();
  private volatile Known known;
  private volatile long askedAt;

  /** What time it was when {@code nanos} were measured; {@code told} by Postgres or guessed. */
  private record Known(long nanos, Instant at, boolean told) {}

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
    return last.at().plusNanos(now - last.nanos());
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
          known = new Known(sent + took / 2, at, true);
        }
      }
    } catch (SQLException e) {
      // Away: others notice and say so. Time goes on as it was measured.
      log.debug("the time of Postgres is unknown", e);
    } finally {
      askedAt = nanos.getAsLong();
    }
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
