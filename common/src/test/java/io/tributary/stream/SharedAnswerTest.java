package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SharedAnswerTest {
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger asked = new AtomicInteger();

  @Test
  void anAnswerServesUntilItIsTooOld() {
    SharedAnswer<Integer> answer = new SharedAnswer<>(asked::incrementAndGet, nanos::get);
    assertThat(answer.get(Duration.ofNanos(10))).isEqualTo(1);
    nanos.set(10);
    assertThat(answer.get(Duration.ofNanos(10))).isEqualTo(1);
    nanos.set(11);
    assertThat(answer.get(Duration.ofNanos(10))).isEqualTo(2);
    nanos.set(12);
    assertThat(answer.get(Duration.ZERO)).isEqualTo(3);
  }

  @Test
  void aQuestionThatFailedIsAskedAgain() {
    SharedAnswer<Integer> answer =
        new SharedAnswer<>(
            () -> {
              if (asked.incrementAndGet() == 1) {
                throw new IllegalStateException("away");
              }
              return asked.get();
            },
            nanos::get);
    assertThatIllegalStateException().isThrownBy(() -> answer.get(Duration.ofDays(1)));
    assertThat(answer.get(Duration.ofDays(1))).isEqualTo(2);
  }

  /** What is answered must not be older than the call, and yet many share one question. */
  @Test
  void manyWhoComeWhileOneIsAskedShareTheNext() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    SharedAnswer<Integer> answer =
        new SharedAnswer<>(() -> {
          int number = asked.incrementAndGet();
          if (number == 1) {
            begun.countDown();
            awaited(goOn);
          }
          return number;
        });
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> first = executor.submit(() -> answer.get(Duration.ZERO));
      awaited(begun);
      CountDownLatch came = new CountDownLatch(50);
      List<Future<Integer>> others = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        others.add(
            executor.submit(() -> {
              came.countDown();
              return answer.get(Duration.ZERO);
            }));
      }
      awaited(came);
      goOn.countDown();
      assertThat(first.get()).isEqualTo(1);
      for (Future<Integer> other : others) {
        assertThat(other.get()).isGreaterThan(1);
      }
      // Some may have said that they come and were late with asking.
      assertThat(asked.get()).isLessThan(50);
    }
  }

  private static void awaited(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
