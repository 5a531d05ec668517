package io.tributary.profile.privacy;

import io.tributary.event.ProfileId;
import io.tributary.profile.store.ExportStore;
import io.tributary.profile.store.PrivacyStore;
import io.tributary.profile.store.PrivacyStore.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;

/**
 * Carries out what privacy requests leave to do, in small transactions. A crash between two of them
 * costs nothing: the request's state says where to go on. Several instances share the work by row
 * locks.
 */
public final class PrivacyWorker implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(PrivacyWorker.class);
  private static final int EVENTS = 5_000;
  private static final Duration KEPT = Duration.ofDays(7);

  private final DataSource dataSource;
  private final PrivacyStore store;
  private final ExportStore exports;
  private final AfterRestore afterRestore;
  private final Clock clock;
  private final BlockingQueue<Boolean> wakeups = new ArrayBlockingQueue<>(1);
  private volatile boolean running;
  private Thread thread = new Thread();

  /** A worker that does nothing until it's started. */
  public PrivacyWorker(
      DataSource dataSource,
      PrivacyStore store,
      ExportStore exports,
      AfterRestore afterRestore,
      Clock clock) {
    this.dataSource = dataSource;
    this.store = store;
    this.exports = exports;
    this.afterRestore = afterRestore;
    this.clock = clock;
  }

  /** Says that there's something to do. */
  public void wake() {
    wakeups.offer(true);
  }

  @Override
  public synchronized void start() {
    if (!running) {
      running = true;
      thread = Thread.ofVirtual().name("privacy").start(this::run);
    }
  }

  @Override
  public synchronized void stop() {
    running = false;
    wake();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private void run() {
    while (running) {
      try {
        afterRestore.work();
        while (running && step()) {
          // one after another until there's nothing left to do
        }
        settle();
        exports.sweep(clock.instant());
      } catch (SQLException | DataAccessException | KafkaException e) {
        log.warn("privacy action=step outcome=failed cause={}", e.getClass().getSimpleName());
        log.debug("privacy step failed", e);
      }
      try {
        wakeups.poll(1, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Does one piece of work in one transaction; false when there was none. */
  boolean step() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      try {
        Optional<Row> open = store.takeOpen(connection);
        if (open.isPresent()) {
          work(connection, open.get());
        }
        connection.commit();
        return open.isPresent();
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      }
    }
  }

  private void work(Connection connection, Row request) throws SQLException {
    List<ProfileId> homes = store.homes(request.workspaceId(), request.id());
    Instant now = clock.instant();
    switch (PrivacyRequest.Kind.parse(request.kind())) {
      case EXPORT -> {
        exports.write(connection, request, homes, now.plus(KEPT));
        store.advance(connection, request, "done", now);
      }
      case ERASE -> {
        int deleted = store.deleteEvents(connection, request.workspaceId(), homes, EVENTS);
        if (deleted == EVENTS) {
          store.advance(connection, request, "running", now);
        } else {
          store.deleteTraces(connection, request.workspaceId(), homes);
          store.advance(connection, request, "waiting", now);
          log.info("privacy request={} kind=erase state=waiting", request.id());
        }
      }
      // Both were done when they were accepted.
      case SUPPRESS, UNSUPPRESS -> store.advance(connection, request, "done", now);
    }
  }

  /** Closes erasures that every service has left a receipt for. */
  void settle() throws SQLException {
    for (Row request : store.waiting()) {
      boolean all =
          store.receipts(request.workspaceId(), request.id()).values().stream()
              .allMatch(Optional::isPresent);
      if (all) {
        try (Connection connection = dataSource.getConnection()) {
          store.advance(connection, request, "done", clock.instant());
        }
        log.info("privacy request={} kind=erase state=done", request.id());
      }
    }
  }
}
