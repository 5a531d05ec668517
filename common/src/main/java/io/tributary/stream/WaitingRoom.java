package io.tributary.stream;

import io.tributary.stream.Progress.Hop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Where those wait who want to see an event. One thread asks for all of them how far the stages
 * are, for as long as anybody waits: what that costs doesn't grow with their number.
 */
final class WaitingRoom {
  /** Between two rounds. */
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final List<Hop> hops;
  private final Offsets offsets;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Waiter> waiters = new ArrayList<>();
  private boolean looking;

  /** Whom to ask. Answers are never older than the question. */
  interface Offsets {
    /** The committed offsets of a group. */
    Map<TopicPartition, Long> committed(String group);

    /** The committed ends of a topic. */
    Map<TopicPartition, Long> end(String topic);
  }

  /** Somebody on the way along the hops; moved only by the one thread that looks. */
  private static final class Waiter {
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private Map<TopicPartition, Long> wanted;
    private int hop;

    Waiter(Map<TopicPartition, Long> wanted) {
      this.wanted = wanted;
    }
  }

  WaitingRoom(List<Hop> hops, Offsets offsets) {
    this.hops = hops;
    this.offsets = offsets;
  }

  /**
   * Waits until every hop is past what lies before these places in the first hop's topic.
   *
   * @return false when the limit came first
   * @throws KafkaException when Kafka can't be asked
   */
  boolean await(Map<TopicPartition, Long> wanted, Duration limit) throws InterruptedException {
    Waiter waiter = new Waiter(wanted);
    enter(waiter);
    try {
      waiter.done.get(limit.toNanos(), TimeUnit.NANOSECONDS);
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
      } catch (RuntimeException e) {
        present.forEach(waiter -> waiter.done.completeExceptionally(e));
      }
      LockSupport.parkNanos(REST_NANOS);
    }
  }

  /** Who waits; when nobody does the looking has ended, and the next who comes begins it anew. */
  private List<Waiter> present() {
    lock.lock();
    try {
      waiters.removeIf(waiter -> waiter.done.isDone());
      looking = !waiters.isEmpty();
      return List.copyOf(waiters);
    } finally {
      lock.unlock();
    }
  }

  /** Goes along the hops once, asking about those only at which somebody is. */
  private void round(List<Waiter> present) {
    for (int hop = 0; hop < hops.size(); hop++) {
      int at = hop;
      List<Waiter> here = present.stream().filter(waiter -> waiter.hop == at).toList();
      if (here.isEmpty()) {
        continue;
      }
      Map<TopicPartition, Long> committed = offsets.committed(hops.get(hop).group());
      List<Waiter> past = here.stream().filter(waiter -> isPast(committed, waiter.wanted)).toList();
      if (past.isEmpty()) {
        continue;
      }
      if (hop + 1 == hops.size()) {
        past.forEach(waiter -> waiter.done.complete(null));
        continue;
      }
      // Asked after the stage was seen to be past: what it said of these events lies before it.
      Map<TopicPartition, Long> end = offsets.end(hops.get(hop + 1).topic());
      for (Waiter waiter : past) {
        waiter.wanted = end;
        waiter.hop++;
      }
    }
  }

  static boolean isPast(Map<TopicPartition, Long> committed, Map<TopicPartition, Long> wanted) {
    return wanted.entrySet().stream()
        .allMatch(place -> committed.getOrDefault(place.getKey(), 0L) >= place.getValue());
  }
}
