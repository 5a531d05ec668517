package io.tributary.ingestion.governance;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.ingestion.accept.Verdict;
import io.tributary.ingestion.repeat.Repeater;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Counts violations in memory and stores them every second. While Postgres is away they are kept,
 * as many as find place; a process that is killed takes those of its last second with it.
 */
public final class Violations implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Violations.class);
  private static final Duration EVERY = Duration.ofSeconds(1);

  private final ViolationStore store;
  private final Counter found;
  private final Counter unlisted;
  private final Counter delayed;
  private final ReentrantLock counting = new ReentrantLock();
  private Tally tally = new Tally();
  private final Repeater repeater =
      new Repeater("ingestion-violations", new Repeater.Task(EVERY, this::flush));

  Violations(ViolationStore store, MeterRegistry registry) {
    this.store = store;
    this.found = registry.counter("tributary.collector.violations");
    this.unlisted = registry.counter("tributary.collector.violations.unlisted");
    this.delayed = registry.counter("tributary.collector.violations.delayed");
  }

  /** Counts what plans found in events that are in the log now. */
  public void count(List<Verdict> verdicts, Instant now) {
    for (Verdict verdict : verdicts) {
      if (!verdict.violations().isEmpty()) {
        found.increment(verdict.violations().size());
        unlisted.increment(add(verdict, now));
      }
    }
  }

  private int add(Verdict verdict, Instant now) {
    counting.lock();
    try {
      return tally.add(verdict, now);
    } finally {
      counting.unlock();
    }
  }

  @Override
  public void start() {
    repeater.start();
  }

  /** After the ports are closed, so that the last events are counted, too. */
  @Override
  public int getPhase() {
    return 0;
  }

  @Override
  public void stop() {
    repeater.stop();
    flush();
  }

  @Override
  public boolean isRunning() {
    return repeater.isRunning();
  }

  private void flush() {
    Tally full = taken(new Tally());
    if (full.isEmpty()) {
      return;
    }
    try {
      store.add(full.plans());
    } catch (RuntimeException e) {
      // Kept for the next time, whatever it is; the timer must go on.
      delayed.increment();
      LOG.warn("violations action=store outcome=failed cause={}", e.getClass().getSimpleName());
      counting.lock();
      try {
        tally.addOlder(full);
      } finally {
        counting.unlock();
      }
    }
  }

  private Tally taken(Tally next) {
    counting.lock();
    try {
      Tally full = tally;
      tally = next;
      return full;
    } finally {
      counting.unlock();
    }
  }
}
