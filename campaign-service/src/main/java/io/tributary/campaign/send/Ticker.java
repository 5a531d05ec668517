package io.tributary.campaign.send;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Does a piece of work again and again: at once while there is more, else after a while or when it
 * is woken. A failure is logged and followed by a longer and longer rest, never by an end.
 */
public final class Ticker implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Ticker.class);
  private static final Duration LONGEST_REST = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private final String name;
  private final Duration rest;
  private final BooleanSupplier work;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition change = lock.newCondition();
  private volatile boolean running;
  private boolean woken;
  private @Nullable Thread thread;

  /**
   * A ticker that does nothing until it's started.
   *
   * @param work answers whether there is more to do at once
   */
  public Ticker(String name, Duration rest, BooleanSupplier work) {
    this.name = name;
    this.rest = rest;
    this.work = work;
  }

  /** Ends the present rest. */
  public void wake() {
    lock.lock();
    try {
      woken = true;
      change.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void start() {
    running = true;
    thread = Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  @Override
  public void stop() {
    running = false;
    wake();
    Thread started = thread;
    if (started != null) {
      try {
        if (!started.join(PATIENCE)) {
          started.interrupt();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Starts after the web server and stops before it. */
  @Override
  public int getPhase() {
    return Integer.MAX_VALUE - 100;
  }

  private void run() {
    Duration wait = rest;
    while (running) {
      boolean more = false;
      try {
        more = work.getAsBoolean();
        wait = rest;
      } catch (RuntimeException e) {
        wait =
            wait.multipliedBy(2).compareTo(LONGEST_REST) < 0 ? wait.multipliedBy(2) : LONGEST_REST;
        LOG.warn("{} outcome=failed next_ms={} cause={}", name, wait.toMillis(), cause(e));
      }
      if (!more) {
        pause(wait);
      }
    }
  }

  /** The innermost cause: that is where a database says what is missing. */
  private static String cause(Throwable failure) {
    Throwable cause = failure;
    for (Throwable deeper = failure; deeper != null; deeper = deeper.getCause()) {
      cause = deeper;
    }
    return cause.toString().lines().findFirst().orElse("");
  }

  private void pause(Duration wait) {
    lock.lock();
    try {
      long left = wait.toNanos();
      while (running && !woken && left > 0) {
        left = change.awaitNanos(left);
      }
      woken = false;
    } catch (InterruptedException e) {
      running = false;
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
