package io.tributary.ingestion.collect;

import java.util.concurrent.atomic.AtomicLong;

/** The bytes of all request bodies that are worked on; bounded, so that a flood ends in 429. */
final class InFlight {
  private final long limit;
  private final AtomicLong used = new AtomicLong();

  InFlight(long limit) {
    this.limit = limit;
  }

  long used() {
    return used.get();
  }

  /** A request's share, empty at first. */
  Share share() {
    return new Share();
  }

  /** What one request holds; given back by closing. Used by one thread. */
  final class Share implements AutoCloseable {
    private long held;

    /** Takes more; false when there is none, with nothing taken. */
    boolean take(long bytes) {
      if (used.addAndGet(bytes) > limit) {
        used.addAndGet(-bytes);
        return false;
      }
      held += bytes;
      return true;
    }

    @Override
    public void close() {
      used.addAndGet(-held);
      held = 0;
    }
  }
}
