package io.tributary.ingestion.governance;

import io.tributary.ingestion.repeat.Repeater;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * What Postgres says, as of at most a second or so ago. While it's away the last snapshot serves
 * on: collection needs Kafka only.
 */
abstract class Snapshot implements SmartLifecycle {
  private static final Duration EVERY = Duration.ofSeconds(1);

  private final Logger log = LoggerFactory.getLogger(getClass());
  private final ReentrantLock refreshing = new ReentrantLock();
  private final String kind;
  private final Repeater repeater;

  /**
   * A snapshot that is taken again and again.
   *
   * @param kind of what, for the log
   */
  Snapshot(String kind, String thread) {
    this.kind = kind;
    this.repeater = new Repeater(thread, new Repeater.Task(EVERY, this::run));
  }

  /** Takes it; never twice at the same time. */
  abstract void read();

  /** Takes it now, so that what was just changed counts at once. */
  public final void refresh() {
    refreshing.lock();
    try {
      read();
    } finally {
      refreshing.unlock();
    }
  }

  /** Before the ports are open: no event passes because its rules aren't known yet. */
  @Override
  public final int getPhase() {
    return 0;
  }

  @Override
  public final void start() {
    refresh();
    repeater.start();
  }

  @Override
  public final void stop() {
    repeater.stop();
  }

  @Override
  public final boolean isRunning() {
    return repeater.isRunning();
  }

  private void run() {
    try {
      refresh();
    } catch (RuntimeException e) {
      // Whatever it is, the timer must go on: a moment later it may be gone.
      log.warn(
          "{} action=refresh outcome=failed serving=last cause={}",
          kind,
          e.getClass().getSimpleName());
    }
  }
}
