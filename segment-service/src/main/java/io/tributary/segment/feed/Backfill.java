package io.tributary.segment.feed;

import io.tributary.segment.store.Build;
import io.tributary.segment.store.Stores;
import io.tributary.segment.store.Transactions;
import io.tributary.stream.Failure;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings definitions into effect, in chunks, one transaction each: collects behaviour from the
 * event history while the stream already adds to it, puts the condition into effect, and decides
 * about everybody who could enter or leave. Goes on where it was after a crash.
 */
public final class Backfill {
  private static final Logger log = LoggerFactory.getLogger(Backfill.class);
  static final Duration LEASE = Duration.ofSeconds(30);

  private final Stores stores;
  private final Transactions transactions;
  private final BackfillSteps steps;
  private final Clock clock;
  private final String owner;
  private final Runnable crossed;

  /**
   * A worker.
   *
   * @param owner names this worker, unique in the cluster
   * @param crossed called when there are crossings to relay
   */
  public Backfill(
      Stores stores, Transactions transactions, Clock clock, String owner, Runnable crossed) {
    this.stores = stores;
    this.transactions = transactions;
    this.steps = new BackfillSteps(stores, clock);
    this.clock = clock;
    this.owner = owner;
    this.crossed = crossed;
  }

  /** Claims open work and does it; false when there is none. */
  public boolean tick(BooleanSupplier stopping) throws SQLException {
    Instant now = clock.instant();
    Optional<Build> claimed =
        transactions.commit(connection -> stores.builds().claim(connection, owner, now, LEASE));
    if (claimed.isEmpty()) {
      return false;
    }
    work(claimed.get(), stopping);
    return true;
  }

  /** Does all there is to do, until stopped. */
  public void run(BooleanSupplier stopping) throws SQLException {
    boolean more = true;
    while (more && !stopping.getAsBoolean()) {
      more = tick(stopping);
    }
  }

  private void work(Build claimed, BooleanSupplier stopping) throws SQLException {
    Build build = claimed;
    try {
      while (build != null && !stopping.getAsBoolean()) {
        Build current = build;
        build = next(current, transactions.commit(connection -> steps.chunk(connection, current)));
      }
      if (build != null) {
        release(build);
      }
    } catch (Lost e) {
      log.info(
          "backfill segment={} version={} taken over",
          claimed.segmentId(),
          claimed.targetVersion());
    } catch (SQLException | RuntimeException e) {
      failed(claimed, e);
    } finally {
      crossed.run();
    }
  }

  /** Lets another worker go on at once. */
  private void release(Build build) throws SQLException {
    transactions.commit(connection ->
        stores.builds().advance(connection, build, build.after(), build.done(), clock.instant()));
  }

  private static @Nullable Build next(Build before, Optional<Build> after) {
    if (after.isEmpty()) {
      log.info(
          "backfill segment={} version={} step={} done",
          before.segmentId(),
          before.targetVersion(),
          before.step());
    }
    return after.orElse(null);
  }

  private void failed(Build build, Exception error) throws SQLException {
    boolean counts = Failure.of(error) == Failure.DATA;
    String problem = error.getClass().getSimpleName();
    log.warn(
        "backfill segment={} version={} failed counts={} cause={}",
        build.segmentId(),
        build.targetVersion(),
        counts,
        problem);
    log.debug("backfill segment={} failed", build.segmentId(), error);
    transactions.commit(connection -> {
      stores.builds().fail(connection, build, counts, problem);
      return true;
    });
  }

  /** The work belongs to somebody else now; the chunk is rolled back. */
  static final class Lost extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Lost() {
      super("lost the lease", null, false, false);
    }
  }
}
