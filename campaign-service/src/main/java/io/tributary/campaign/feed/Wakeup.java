package io.tributary.campaign.feed;

/**
 * Says after a batch that it made deliveries. Several threads share it, each with its own batch.
 */
final class Wakeup {
  private final Runnable enrolled;
  private final ThreadLocal<Boolean> deliveries = ThreadLocal.withInitial(() -> false);

  Wakeup(Runnable enrolled) {
    this.enrolled = enrolled;
  }

  /** Remembers that the batch of this thread made so many. */
  void made(int count) {
    if (count > 0) {
      deliveries.set(true);
    }
  }

  /** The batch of this thread is committed. */
  void committed() {
    if (deliveries.get()) {
      deliveries.remove();
      enrolled.run();
    }
  }
}
