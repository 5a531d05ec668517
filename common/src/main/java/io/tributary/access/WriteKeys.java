package io.tributary.access;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * All valid write keys, as of at most two seconds ago. One query refreshes the whole snapshot, so a
 * flood of unknown keys costs no query at all, and a revoked key ends within two seconds. While
 * Postgres is away the last snapshot serves on: collection needs Kafka only.
 */
public final class WriteKeys {
  private static final Logger LOG = LoggerFactory.getLogger(WriteKeys.class);
  private static final Duration FRESH = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final String ALL =
      "select write_key, workspace_id, source_id, source_kind, webhook from access.v_write_key"
          + " where enabled";

  private final JdbcClient jdbc;
  private final Clock clock;
  private final ReentrantLock refreshing = new ReentrantLock();
  private final AtomicBoolean asked = new AtomicBoolean();
  private volatile Snapshot snapshot = new Snapshot(Map.of(), Instant.MIN, false);

  private record Snapshot(Map<String, WriteKey> keys, Instant takenAt, boolean known) {}

  /** Keys that were never read because Postgres has not answered since the start. */
  public static final class NotKnownYetException extends RuntimeException {
    NotKnownYetException(Throwable cause) {
      super("the write keys could not be read since the start", cause);
    }
  }

  /** Reads the view {@code access.v_write_key}. */
  public WriteKeys(DataSource dataSource, Clock clock) {
    this.jdbc = JdbcClient.create(dataSource);
    this.clock = clock;
  }

  /**
   * What the key stands for; empty for an unknown or revoked one.
   *
   * @throws NotKnownYetException when nothing was ever read; answer 503, not 401
   */
  public Optional<WriteKey> find(String key) {
    return Optional.ofNullable(current().keys().get(key));
  }

  /** Reads the keys now, so that a key that was just created works at once. */
  public void refresh() {
    refreshing.lock();
    try {
      snapshot = read();
    } finally {
      refreshing.unlock();
    }
  }

  private Snapshot current() {
    Snapshot seen = snapshot;
    if (isFresh(seen)) {
      return seen;
    }
    if (!seen.known()) {
      refreshing.lock();
      try {
        return isFresh(snapshot) ? snapshot : refreshed();
      } finally {
        refreshing.unlock();
      }
    }
    if (asked.compareAndSet(false, true)) {
      awaitRefresh();
    }
    return snapshot;
  }

  /**
   * Whoever finds the snapshot old waits a moment for the next one, not longer: a Postgres that is
   * frozen, and says neither yes nor no, must not keep a collector from answering.
   */
  private void awaitRefresh() {
    CountDownLatch done = new CountDownLatch(1);
    Thread.ofVirtual()
        .name("write-keys")
        .start(() -> {
          refreshing.lock();
          try {
            refreshed();
          } finally {
            refreshing.unlock();
            asked.set(false);
            done.countDown();
          }
        });
    try {
      if (!done.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("write-keys action=refresh outcome=late serving=last");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Snapshot refreshed() {
    try {
      snapshot = read();
    } catch (DataAccessException e) {
      if (!snapshot.known()) {
        throw new NotKnownYetException(e);
      }
      LOG.warn("write-keys action=refresh outcome=failed serving=last cause={}", e.toString());
      snapshot = new Snapshot(snapshot.keys(), clock.instant(), true);
    }
    return snapshot;
  }

  private boolean isFresh(Snapshot seen) {
    return seen.known() && clock.instant().isBefore(seen.takenAt().plus(FRESH));
  }

  private Snapshot read() {
    Instant now = clock.instant();
    Map<String, WriteKey> keys = new HashMap<>();
    jdbc.sql(ALL)
        .query((row, n) ->
            new WriteKey(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5)))
        .list()
        .forEach(key -> keys.put(key.key(), key));
    return new Snapshot(keys, now, true);
  }
}
