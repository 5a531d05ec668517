package io.tributary.ingestion.destination;

import io.tributary.event.ProfileId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers messages, several at one time, but those about one profile one after another: when one
 * of them has to wait, those behind it wait, too.
 */
final class Lanes {
  private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);

  /** After which nothing more is begun: who waits is asked for anew then. */
  private static final Duration ROUND = Duration.ofSeconds(5);

  /** So many failures without a success between them, and the rest isn't tried. */
  private static final int ENOUGH_FAILURES = 20;

  private final Receiver receiver;
  private final int concurrency;
  private final @Nullable Integer perSecond;
  private final BooleanSupplier stopping;
  private long slot = System.nanoTime();

  Lanes(Receiver receiver, int concurrency, @Nullable Integer perSecond, BooleanSupplier stopping) {
    this.receiver = receiver;
    this.concurrency = concurrency;
    this.perSecond = perSecond;
    this.stopping = stopping;
  }

  /**
   * A message after an attempt.
   *
   * @param took how long the attempt took; zero where there was none
   */
  record Tried(Message message, Outcome outcome, Duration took) {}

  /** Tries to deliver all of them; answers in the same order. */
  List<Tried> deliver(List<Message> messages) throws InterruptedException {
    Map<ProfileId, List<Integer>> lanes = new LinkedHashMap<>();
    for (int i = 0; i < messages.size(); i++) {
      lanes.computeIfAbsent(messages.get(i).profile(), _ -> new ArrayList<>(1)).add(i);
    }
    Round round = new Round(messages, new ConcurrentLinkedQueue<>(lanes.values()));
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < Math.min(concurrency, lanes.size()); i++) {
      threads.add(Thread.ofVirtual().name("delivery-" + i).start(round));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return Arrays.asList(round.tried);
  }

  private final class Round implements Runnable {
    private final List<Message> messages;
    private final Queue<List<Integer>> lanes;
    private final Tried[] tried;
    private final AtomicInteger failures = new AtomicInteger();
    private final long end = System.nanoTime() + ROUND.toNanos();
    private volatile boolean over;

    Round(List<Message> messages, Queue<List<Integer>> lanes) {
      this.messages = messages;
      this.lanes = lanes;
      this.tried =
          messages.stream()
              .map(message -> new Tried(message, new Outcome.Untried(), Duration.ZERO))
              .toArray(Tried[]::new);
    }

    @Override
    public void run() {
      for (List<Integer> lane = lanes.poll(); lane != null; lane = lanes.poll()) {
        for (int index : lane) {
          if (isOver() || !deliver(index)) {
            break;
          }
        }
      }
    }

    private boolean isOver() {
      return over || stopping.getAsBoolean() || System.nanoTime() - end > 0;
    }

    /** False when what comes behind it has to wait. */
    private boolean deliver(int index) {
      Message message = messages.get(index);
      try {
        if (!pace(end) || isOver()) {
          return false;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
      long began = System.nanoTime();
      Outcome outcome;
      try {
        outcome = receiver.deliver(message);
      } catch (RuntimeException e) {
        LOG.warn("message={} outcome=failed cause={}", message.id(), e.getClass().getName());
        outcome = new Outcome.Deferred("failed", Optional.empty(), false);
      }
      tried[index] = new Tried(message, outcome, Duration.ofNanos(System.nanoTime() - began));
      return switch (outcome) {
        case Outcome.Delivered _, Outcome.Refused _ -> {
          failures.set(0);
          yield true;
        }
        case Outcome.Deferred _ -> {
          if (failures.incrementAndGet() >= ENOUGH_FAILURES) {
            over = true;
          }
          yield false;
        }
        case Outcome.Gone _ -> {
          over = true;
          yield false;
        }
        case Outcome.Untried _ -> false;
      };
    }
  }

  /**
   * Waits for the next free moment, so that no more than so many begin within a second.
   *
   * @return false if there's none before the end
   */
  private boolean pace(long end) throws InterruptedException {
    if (perSecond == null) {
      return true;
    }
    OptionalLong mine = take(perSecond, end);
    if (mine.isPresent()) {
      TimeUnit.NANOSECONDS.sleep(Math.max(0, mine.getAsLong() - System.nanoTime()));
    }
    return mine.isPresent();
  }

  private synchronized OptionalLong take(int rate, long end) {
    long mine = Math.max(slot, System.nanoTime());
    if (mine - end > 0) {
      return OptionalLong.empty();
    }
    slot = mine + TimeUnit.SECONDS.toNanos(1) / rate;
    return OptionalLong.of(mine);
  }
}
