package io.tributary.benchmarks;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.HdrHistogram.Histogram;

/** Threads that post batches over a connection each, and what came back. */
final class Load {
  private static final int MAX_SECONDS = 60;
  private final Target target;
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong unknown = new AtomicLong();

  Load(Target target) {
    this.target = target;
  }

  /** Events answered with 200 since the beginning, of all phases. */
  long accepted() {
    return accepted.get();
  }

  /** Events without an answer, or with one of 5xx, of all phases: they may take effect or not. */
  long unknown() {
    return unknown.get();
  }

  /**
   * What a phase's requests came to.
   *
   * @param answers nanoseconds from the intended moment of sending to the end of the answer
   * @param statuses requests by status; 0 stands for a connection that broke
   */
  record Outcome(long events, Histogram answers, Map<Integer, Long> statuses, double seconds) {
    double eventsPerSecond() {
      return events / seconds;
    }

    double requestsPerSecond() {
      return statuses.getOrDefault(200, 0L) / seconds;
    }

    long refused() {
      return statuses.entrySet().stream()
          .filter(entry -> entry.getKey() != 200)
          .mapToLong(Map.Entry::getValue)
          .sum();
    }
  }

  /** When the next request is meant to be sent, in nanoTime; negative: no more. */
  private interface Schedule {
    long next() throws InterruptedException;
  }

  /**
   * As fast as the answers come, while the gate is open.
   *
   * @param batches makes each thread's batch from its number
   */
  Outcome closed(
      int threads, double seconds, Lanes batches, IntSupplier people, BooleanSupplier gate)
      throws InterruptedException {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    return run(
        threads,
        batches,
        people,
        () -> {
          while (!gate.getAsBoolean() && System.nanoTime() < end) {
            LockSupport.parkNanos(1_000_000);
          }
          long now = System.nanoTime();
          return now < end ? now : -1;
        });
  }

  /**
   * At a given rate, whatever the answers do: a late answer makes the next ones wait, and count.
   */
  Outcome open(
      int threads, double seconds, double requestsPerSecond, Lanes batches, IntSupplier people)
      throws InterruptedException {
    long begin = System.nanoTime();
    long requests = (long) (seconds * requestsPerSecond);
    AtomicLong tickets = new AtomicLong();
    return run(
        threads,
        batches,
        people,
        () -> {
          long ticket = tickets.getAndIncrement();
          if (ticket >= requests) {
            return -1;
          }
          long intended = begin + (long) (ticket * 1e9 / requestsPerSecond);
          for (long left; (left = intended - System.nanoTime()) > 0; ) {
            LockSupport.parkNanos(left);
          }
          return intended;
        });
  }

  /** So many requests, as fast as the answers come. */
  Outcome burst(int threads, long requests, Lanes batches, IntSupplier people)
      throws InterruptedException {
    AtomicLong left = new AtomicLong(requests);
    return run(threads, batches, people, () -> left.getAndDecrement() > 0 ? System.nanoTime() : -1);
  }

  /** Makes the batch of a thread. */
  interface Lanes {
    Batch of(int thread);
  }

  private Outcome run(int threads, Lanes batches, IntSupplier people, Schedule schedule)
      throws InterruptedException {
    long begin = System.nanoTime();
    List<Future<Outcome>> lanes = new ArrayList<>();
    try (ExecutorService executor =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().name("load-", 0).factory())) {
      for (int i = 0; i < threads; i++) {
        Batch batch = batches.of(i);
        Callable<Outcome> lane = () -> lane(batch, people, schedule);
        lanes.add(executor.submit(lane));
      }
    }
    Histogram answers = histogram();
    Map<Integer, Long> statuses = new TreeMap<>();
    long events = 0;
    for (Future<Outcome> lane : lanes) {
      Outcome outcome = result(lane);
      answers.add(outcome.answers());
      outcome.statuses().forEach((status, count) -> statuses.merge(status, count, Long::sum));
      events += outcome.events();
    }
    return new Outcome(events, answers, statuses, (System.nanoTime() - begin) / 1e9);
  }

  private static Outcome result(Future<Outcome> lane) throws InterruptedException {
    try {
      return lane.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a thread of the load ended", e.getCause());
    }
  }

  private Outcome lane(Batch batch, IntSupplier people, Schedule schedule)
      throws InterruptedException {
    Histogram answers = histogram();
    Map<Integer, Long> statuses = new TreeMap<>();
    long events = 0;
    Door door = null;
    for (long intended; (intended = schedule.next()) >= 0; ) {
      int status;
      try {
        door = door == null ? new Door(target.collector()) : door;
        status = door.send(batch.next(people, now()));
      } catch (IOException e) {
        status = 0;
        close(door);
        door = null;
      }
      answers.recordValue(Math.min(System.nanoTime() - intended, MAX_SECONDS * 1_000_000_000L));
      statuses.merge(status, 1L, Long::sum);
      if (status == 200) {
        events += batch.size();
        accepted.addAndGet(batch.size());
      } else if (status == 0 || status >= 500) {
        unknown.addAndGet(batch.size());
      }
    }
    close(door);
    return new Outcome(events, answers, statuses, 0);
  }

  private static void close(@org.jspecify.annotations.Nullable Door door) {
    if (door != null) {
      try {
        door.close();
      } catch (IOException e) {
        System.err.println("bench: closing a connection failed: " + e.getMessage());
      }
    }
  }

  /** Three digits from a microsecond to a minute. */
  static Histogram histogram() {
    return new Histogram(1_000, MAX_SECONDS * 1_000_000_000L, 3);
  }

  /** The time as events carry it, always as long. */
  static String now() {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    String text = now.toString();
    return text.length() == 24 ? text : text.substring(0, 19) + ".000Z";
  }

  /** People in order, each once. */
  static IntSupplier each() {
    java.util.concurrent.atomic.AtomicInteger next =
        new java.util.concurrent.atomic.AtomicInteger();
    return next::getAndIncrement;
  }

  /** People by chance, all alike: no cache is helped by favourites. */
  static IntSupplier anyOf(int profiles) {
    return () -> java.util.concurrent.ThreadLocalRandom.current().nextInt(profiles);
  }
}
