package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tributary.stream.Progress.Hop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WaitingRoomTest {
  private static final Duration LONG = Duration.ofSeconds(50);
  private static final TopicPartition IN = new TopicPartition("in", 0);
  private static final TopicPartition OUT = new TopicPartition("out", 0);

  private final Map<TopicPartition, Long> committed = new ConcurrentHashMap<>();
  private final Map<TopicPartition, Long> ends = new ConcurrentHashMap<>(Map.of(OUT, 0L));
  private final AtomicInteger questions = new AtomicInteger();
  private volatile boolean away;
  private final WaitingRoom room =
      new WaitingRoom(
          new Offsets() {
            @Override
            public Map<TopicPartition, Long> committed(Hop hop) {
              questions.incrementAndGet();
              if (away) {
                throw new KafkaException("away");
              }
              return Map.copyOf(committed);
            }

            @Override
            public Map<TopicPartition, Long> end(Hop hop) {
              return Map.copyOf(ends);
            }
          });

  private static Progress.Walk walk(Map<TopicPartition, Long> wanted) {
    return new Progress.Walk(List.of(new Hop("first", "in"), new Hop("second", "out")), wanted);
  }

  @Test
  void whoIsPastAlreadyDoesNotWait() throws Exception {
    committed.put(IN, 5L);
    assertThat(room.await(walk(Map.of(IN, 5L)), LONG)).isTrue();
    assertThat(room.await(walk(Map.of()), LONG)).isTrue();
    assertThat(room.await(walk(Map.of(IN, 5L)), Duration.ZERO)).as("whatever the limit").isTrue();
    assertThat(room.await(walk(Map.of(IN, 6L)), Duration.ZERO)).isFalse();
  }

  @Test
  void theLimitEndsTheWait() throws Exception {
    committed.put(IN, 4L);
    assertThat(room.await(walk(Map.of(IN, 5L)), Duration.ofMillis(30))).isFalse();
  }

  @Test
  void whatTheFirstStageSaidMustBePassedByTheSecond() throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> seen = executor.submit(() -> room.await(walk(Map.of(IN, 5L)), LONG));
      ends.put(OUT, 3L);
      committed.put(IN, 5L);
      committed.put(OUT, 2L);
      int asked = questions.get();
      await().until(() -> questions.get() > asked + 4);
      assertThat(seen).isNotDone();
      committed.put(OUT, 3L);
      assertThat(seen.get()).isTrue();
    }
  }

  @Test
  void manyAreAskedForAtOnce() throws Exception {
    int many = 500;
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> all = new ArrayList<>();
      for (long i = 0; i < many; i++) {
        Map<TopicPartition, Long> wanted = Map.of(IN, 1 + i % 2);
        all.add(executor.submit(() -> room.await(walk(wanted), LONG)));
      }
      int asked = questions.get();
      await().until(() -> questions.get() > asked + 5);
      committed.put(IN, 1L);
      int before = questions.get();
      await().until(() -> all.stream().filter(Future::isDone).count() == many / 2);
      committed.put(IN, 2L);
      for (Future<Boolean> one : all) {
        assertThat(one.get()).isTrue();
      }
      assertThat(questions.get() - before).as("questions for 500 who wait").isLessThan(many);
    }
  }

  @Test
  void aFailureIsToldToThoseWhoWaitAndEndsNothingForLaterOnes() throws Exception {
    away = true;
    assertThatThrownBy(() -> room.await(walk(Map.of(IN, 5L)), LONG))
        .isInstanceOf(KafkaException.class)
        .hasMessageContaining("away");
    away = false;
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> later = executor.submit(() -> room.await(walk(Map.of(IN, 5L)), LONG));
      int asked = questions.get();
      await().until(() -> questions.get() > asked + 2);
      committed.put(IN, 5L);
      assertThat(later.get()).isTrue();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }
}
