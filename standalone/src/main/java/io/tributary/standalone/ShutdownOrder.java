package io.tributary.standalone;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what was started, last first, within a bound. Beyond the bound the process just ends:
 * everything here survives that by design, it only costs the next start some recovery.
 */
final class ShutdownOrder {

  private static final Logger log = LoggerFactory.getLogger(ShutdownOrder.class);
  private static final Duration BOUND = Duration.ofMillis(9_500);

  private final PrintStream out;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private volatile boolean begun;

  ShutdownOrder(PrintStream out) {
    this.out = out;
  }

  /** Closed before all that was named so far; at once when the shutdown has begun meanwhile. */
  void before(AutoCloseable next) {
    synchronized (open) {
      open.push(next);
    }
    if (begun) {
      closeAll();
    }
  }

  /** Closed after all others. */
  void last(AutoCloseable next) {
    synchronized (open) {
      open.addLast(next);
    }
  }

  boolean begun() {
    return begun;
  }

  void run() {
    begun = true;
    out.println("Stopping …");
    Thread.ofPlatform().daemon().name("shutdown-bound").start(ShutdownOrder::haltAtBound);
    closeAll();
    out.println("Stopped.");
  }

  private void closeAll() {
    while (true) {
      AutoCloseable next;
      synchronized (open) {
        next = open.poll();
      }
      if (next == null) {
        return;
      }
      try {
        next.close();
      } catch (Exception e) { // declared by AutoCloseable; the others must still close
        log.error("not closed in order", e);
      }
    }
  }

  private static void haltAtBound() {
    long deadline = System.nanoTime() + BOUND.toNanos();
    for (long left = BOUND.toNanos(); left > 0; left = deadline - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    Runtime.getRuntime().halt(1);
  }
}
