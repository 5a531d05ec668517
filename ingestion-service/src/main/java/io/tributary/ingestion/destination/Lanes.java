package io.tributary.ingestion.destination;

import io.tributary.event.ProfileId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
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

  private static final int MAX_BYTES = 4_000_000;

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

  /** How many messages the receiver takes at one time. */
  int most() {
    return receiver.most();
  }

  /** Tries to deliver all of them; answers in the same order. */
  List<Tried> deliver(List<Message> messages) throws InterruptedException {
    return receiver.most() > 1 ? inOrder(messages) : beside(messages);
  }

  /** Many at one time, all in their order; what comes behind a failure waits. */
  private List<Tried> inOrder(List<Message> messages) throws InterruptedException {
    List<Tried> tried = new ArrayList<>(messages.size());
    long end = System.nanoTime() + ROUND.toNanos();
    boolean over = false;
    for (int from = 0; from < messages.size(); from = tried.size()) {
      List<Message> some = messages.subList(from, end(messages, from));
      over =
          over || stopping.getAsBoolean() || System.nanoTime() - end > 0 || !pace(some.size(), end);
      if (over) {
        some.forEach(each -> tried.add(new Tried(each, new Outcome.Untried(), Duration.ZERO)));
      } else {
        List<Tried> these = attempt(some);
        tried.addAll(these);
        over = these.stream().anyMatch(each -> !each.outcome().isAnswered());
      }
    }
    return tried;
  }

  /** As many as the receiver takes at one time, and not too much to hold twice. */
  private int end(List<Message> messages, int from) {
    int most = perSecond == null ? receiver.most() : Math.min(receiver.most(), perSecond);
    int end = from + 1;
    long bytes = messages.get(from).body().length;
    while (end < messages.size() && end - from < most) {
      bytes += messages.get(end).body().length;
      if (bytes > MAX_BYTES) {
        break;
      }
      end++;
    }
    return end;
  }

  private List<Tried> attempt(List<Message> messages) {
    long began = System.nanoTime();
    List<Outcome> outcomes;
    try {
      outcomes = receiver.deliver(messages);
    } catch (RuntimeException e) {
      LOG.warn(
          "message={} outcome=failed cause={}", messages.getFirst().id(), e.getClass().getName());
      outcomes =
          Collections.nCopies(
              messages.size(), new Outcome.Deferred("failed", Optional.empty(), false));
    }
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    List<Tried> tried = new ArrayList<>(messages.size());
    for (int i = 0; i < messages.size(); i++) {
      tried.add(new Tried(messages.get(i), outcomes.get(i), took));
    }
    return tried;
  }

  /** One at a time of each profile. */
  private List<Tried> beside(List<Message> messages) throws InterruptedException {
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
        if (!pace(1, end) || isOver()) {
          return false;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
      tried[index] = attempt(List.of(message)).getFirst();
      return switch (tried[index].outcome()) {
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
        case Outcome.Unwanted _ -> true;
        case Outcome.Untried _ -> false;
      };
    }
  }

  /**
   * Waits for the next free moment, so that no more than so many begin within a second.
   *
   * @param count that begin then
   * @return false if there's none before the end
   */
  private boolean pace(int count, long end) throws InterruptedException {
    if (perSecond == null) {
      return true;
    }
    OptionalLong mine = take(perSecond, count, end);
    if (mine.isPresent()) {
      TimeUnit.NANOSECONDS.sleep(Math.max(0, mine.getAsLong() - System.nanoTime()));
    }
    return mine.isPresent();
  }

  private synchronized OptionalLong take(int rate, int count, long end) {
    long mine = Math.max(slot, System.nanoTime());
    if (mine - end > 0) {
      return OptionalLong.empty();
    }
    slot = mine + TimeUnit.SECONDS.toNanos(count) / rate;
    return OptionalLong.of(mine);
  }
}
