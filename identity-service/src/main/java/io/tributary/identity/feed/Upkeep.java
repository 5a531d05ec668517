package io.tributary.identity.feed;

import io.tributary.identity.store.ErasureStore;
import io.tributary.identity.store.ErasureStore.Request;
import io.tributary.identity.store.MessageSweep;
import io.tributary.stream.Relay;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * What is done beside the stream: erasures that were requested of profile-service, and forgetting
 * messages after their 30 days. Each is safe to do in several processes at once.
 */
public final class Upkeep implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
  private static final Duration SWEEP_EVERY = Duration.ofMinutes(1);

  private final ErasureStore erasures;
  private final MessageSweep sweep;
  private final Relay relay;
  private final Duration pollEvery;
  private ScheduledExecutorService executor = closed();

  /**
   * The upkeep.
   *
   * @param pollEvery how often to look for requests
   */
  public Upkeep(ErasureStore erasures, MessageSweep sweep, Relay relay, Duration pollEvery) {
    this.erasures = erasures;
    this.sweep = sweep;
    this.relay = relay;
    this.pollEvery = pollEvery;
  }

  private static ScheduledExecutorService closed() {
    ScheduledExecutorService none = Executors.newSingleThreadScheduledExecutor();
    none.shutdown();
    return none;
  }

  @Override
  public synchronized void start() {
    if (isRunning()) {
      return;
    }
    executor =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("identity-upkeep").factory());
    every(pollEvery, "erase", this::erase);
    every(SWEEP_EVERY, "sweep", this::forget);
  }

  private void every(Duration period, String action, Runnable task) {
    ScheduledFuture<?> _ =
        executor.scheduleWithFixedDelay(
            () -> attempt(action, task),
            period.toMillis(),
            period.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /** What fails now is tried again at the next turn. */
  private static void attempt(String action, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.warn("identity action={} outcome=failed error={}", action, e.getClass().getSimpleName());
      LOG.debug("identity action={} failed", action, e);
    }
  }

  void erase() {
    for (Request request : erasures.open()) {
      if (erasures.erase(request)) {
        relay.wake();
        LOG.info(
            "identity action=erase request={} homes={}",
            request.requestId(),
            request.homes().size());
      }
    }
  }

  private void forget() {
    long forgotten = sweep.run();
    if (forgotten > 0) {
      LOG.info("identity action=sweep messages={}", forgotten);
    }
  }

  @Override
  public synchronized void stop() {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(5, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return !executor.isShutdown();
  }
}
