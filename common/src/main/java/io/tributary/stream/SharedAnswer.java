package io.tributary.stream;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers many who ask the same at the same time with one question: whoever comes while one is
 * being asked waits for the next, together with all others who came meanwhile. So what it costs
 * doesn't grow with the number of those who wait.
 */
final class SharedAnswer<T> {
  private record Answer<T>(long asked, T value) {}

  private final Supplier<T> question;
  private final LongSupplier nanos;
  private final ReentrantLock asking = new ReentrantLock();
  private volatile @Nullable Answer<T> last;

  /** Asks with {@code question}, which may block and fail. */
  SharedAnswer(Supplier<T> question) {
    this(question, System::nanoTime);
  }

  SharedAnswer(Supplier<T> question, LongSupplier nanos) {
    this.question = question;
    this.nanos = nanos;
  }

  /** An answer to a question that was asked at most {@code age} before this call, or during it. */
  T get(Duration age) {
    long earliest = nanos.getAsLong() - age.toNanos();
    Answer<T> known = last;
    if (known != null && known.asked() - earliest >= 0) {
      return known.value();
    }
    asking.lock();
    try {
      known = last;
      if (known == null || known.asked() - earliest < 0) {
        known = new Answer<>(nanos.getAsLong(), question.get());
        last = known;
      }
      return known.value();
    } finally {
      asking.unlock();
    }
  }
}
