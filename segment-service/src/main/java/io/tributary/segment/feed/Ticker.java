package io.tributary.segment.feed;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Does something again and again, on a thread of its own; after an error it goes on at the next
 * tick.
 */
public final class Ticker implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(Ticker.class);

  private final String name;
  private final Duration every;
  private final Work work;
  private final BlockingQueue<Boolean> wakeups = new ArrayBlockingQueue<>(1);
  private volatile boolean running;
  private Thread thread = new Thread();

  /** What is done at each tick. */
  @FunctionalInterface
  public interface Work {
    /** Does it; what takes long asks now and then whether to stop. */
    void tick(BooleanSupplier stopping) throws Exception;
  }

  /** Ticks so often once it's started. */
  public Ticker(String name, Duration every, Work work) {
    this.name = name;
    this.every = every;
    this.work = work;
  }

  /** Ticks now rather than later. */
  public void wake() {
    wakeups.offer(true);
  }

  @Override
  public synchronized void start() {
    if (!running) {
      running = true;
      thread = Thread.ofPlatform().name("segment-" + name).daemon().start(this::run);
    }
  }

  @Override
  public synchronized void stop() {
    running = false;
    wake();
    try {
      if (!thread.join(Duration.ofSeconds(5))) {
        log.warn("ticker={} did not end in time", name);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalThreadStateException e) {
      log.debug("ticker={} was never started", name);
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private void run() {
    while (running) {
      try {
        work.tick(() -> !running);
        wakeups.poll(every.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (Exception e) {
        log.warn("ticker={} failed cause={}", name, e.getClass().getSimpleName());
        log.debug("ticker={} failed", name, e);
        pause();
      }
    }
  }

  private void pause() {
    try {
      wakeups.poll(1_000, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
