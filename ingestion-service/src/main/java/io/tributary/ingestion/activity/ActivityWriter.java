package io.tributary.ingestion.activity;

import io.tributary.ingestion.repeat.Repeater;
import io.tributary.ingestion.repeat.Repeater.Task;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Writes what was counted, each second and once more at the end. What can't be written is tried
 * again before more is taken, so that while Postgres is away the figures only grow where they are
 * bounded. Where the answer to a commit is lost, a second may count twice: they're figures.
 */
final class ActivityWriter implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(ActivityWriter.class);
  private static final Duration WRITE_EVERY = Duration.ofSeconds(1);
  private static final Duration SWEEP_EVERY = Duration.ofSeconds(60);

  private final Activity activity;
  private final ActivityStore store;
  private final TransactionTemplate transaction;
  private final Clock clock;
  private List<Increment> pending = List.of();
  private Map<String, Tally.Seen> strangers = Map.of();
  private final Repeater repeater =
      new Repeater(
          "source-activity",
          new Task(WRITE_EVERY, () -> attempt(this::write)),
          new Task(SWEEP_EVERY, () -> attempt(this::sweep)));

  ActivityWriter(
      Activity activity, ActivityStore store, TransactionTemplate transaction, Clock clock) {
    this.activity = activity;
    this.store = store;
    this.transaction = transaction;
    this.clock = clock;
  }

  @Override
  public void start() {
    repeater.start();
  }

  @Override
  public void stop() {
    repeater.stop();
    attempt(this::write);
  }

  @Override
  public boolean isRunning() {
    return repeater.isRunning();
  }

  /** Below that of the web server, which has to stop first. */
  @Override
  public int getPhase() {
    return 0;
  }

  private static void attempt(Runnable action) {
    try {
      action.run();
    } catch (DataAccessException | TransactionException e) {
      LOG.warn("source-activity outcome=failed cause={}", e.getClass().getSimpleName());
    }
  }

  private void sweep() {
    store.sweep(clock.instant());
  }

  /** Writes what came since the last time, or what couldn't be written then. */
  void write() {
    if (pending.isEmpty() && strangers.isEmpty()) {
      pending = activity.take(clock.instant());
      strangers = activity.takeUnknown();
    }
    if (pending.isEmpty() && strangers.isEmpty()) {
      return;
    }
    try {
      transaction.executeWithoutResult(status -> {
        List<Increment> all = new ArrayList<>(pending);
        all.addAll(turnedAway());
        store.add(all);
      });
    } catch (DataIntegrityViolationException e) {
      // It would fail again for ever.
      LOG.error("source-activity outcome=dropped sources={}", pending.size(), e);
    }
    pending = List.of();
    strangers = Map.of();
  }

  /** Of the keys that weren't valid, those that were once. */
  private List<Increment> turnedAway() {
    if (strangers.isEmpty()) {
      return List.of();
    }
    Map<Bucket, List<Increment.Named>> byBucket = new HashMap<>();
    for (ActivityStore.Owner owner : store.owners(strangers.keySet())) {
      Tally.Seen seen = strangers.get(owner.key());
      if (seen != null) {
        Instant last = seen.span().last();
        byBucket
            .computeIfAbsent(
                Bucket.of(owner.workspaceId(), owner.sourceId(), last), _ -> new ArrayList<>())
            .add(new Increment.Named(Kind.REFUSED_KEY, owner.key(), "", seen.count(), seen.span()));
      }
    }
    return byBucket.entrySet().stream()
        .map(entry -> new Increment(entry.getKey(), Map.of(), null, entry.getValue()))
        .toList();
  }
}
