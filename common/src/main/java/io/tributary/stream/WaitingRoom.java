package io.tributary.stream;

import io.tributary.stream.Progress.Walk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.KafkaException;

/**
 * Where those wait who want to see an event. One thread asks for all of them how far the stages
 * are, for as long as anybody waits: what that costs doesn't grow with their number.
 */
final class WaitingRoom {
  /** Between two rounds. */
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Offsets offsets;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Waiter> waiters = new ArrayList<>();
  private boolean looking;

  /**
   * Somebody on a walk along the hops, which only the one thread that looks goes on with.
   *
   * @param looked done when it was looked at for the first time
   * @param done done at the end of the walk, or with the failure to look
   */
  private record Waiter(Walk walk, CompletableFuture<Void> looked, CompletableFuture<Void> done) {
    Waiter(Walk walk) {
      this(walk, new CompletableFuture<>(), new CompletableFuture<>());
    }
  }

  WaitingRoom(Offsets offsets) {
    this.offsets = offsets;
  }

  /**
   * Waits until a walk that nobody else goes on with comes to its end. However short the limit, it
   * is gone on with once: who is past already is told so.
   *
   * @return false when the limit came first
   * @throws KafkaException when Kafka can't be asked
   */
  boolean await(Walk walk, Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    Waiter waiter = new Waiter(walk);
    enter(waiter);
    try {
      waiter.looked().get();
      waiter.done().get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new KafkaException("waiting for a position: " + e.getCause(), e.getCause());
    } finally {
      leave(waiter);
    }
  }

  private void enter(Waiter waiter) {
    lock.lock();
    try {
      waiters.add(waiter);
      if (!looking) {
        looking = true;
        Thread.ofVirtual().name("positions").start(this::look);
      }
    } finally {
      lock.unlock();
    }
  }

  private void leave(Waiter waiter) {
    lock.lock();
    try {
      waiters.remove(waiter);
    } finally {
      lock.unlock();
    }
  }

  private void look() {
    for (List<Waiter> present = present(); !present.isEmpty(); present = present()) {
      try {
        round(present);
      } catch (RuntimeException | Error e) {
        present.forEach(waiter -> waiter.done().completeExceptionally(e));
      }
      present.forEach(waiter -> waiter.looked().complete(null));
      LockSupport.parkNanos(REST_NANOS);
    }
  }

  /** Who waits; when nobody does the looking has ended, and the next who comes begins it anew. */
  private List<Waiter> present() {
    lock.lock();
    try {
      waiters.removeIf(waiter -> waiter.done().isDone());
      looking = !waiters.isEmpty();
      return List.copyOf(waiters);
    } finally {
      lock.unlock();
    }
  }

  private void round(List<Waiter> present) {
    Offsets now = Offsets.once(offsets);
    for (Waiter waiter : present) {
      if (waiter.walk().passed(now)) {
        waiter.done().complete(null);
      }
    }
  }
}
