package io.tributary.segment.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.ProfileId;
import io.tributary.stream.Failure;
import io.tributary.stream.InputRecord;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class StageConcurrencyTest {
  private static final int THREADS = 4;

  private final World world = new World();

  @Test
  void batchesThatTouchTheSameProfilesAtOnceLoseNothingAndEnterOnce() throws Exception {
    world.segment(
        "seg_four",
        """
        {"type":"event","event":"Order Completed","count":{"operator":"at_least","value":4},"within":{"days":30}}
        """);
    List<ProfileId> roots = new ArrayList<>();
    List<List<InputRecord>> lanes = new ArrayList<>();
    for (int lane = 0; lane < THREADS; lane++) {
      lanes.add(new ArrayList<>());
    }
    for (int person = 0; person < 100; person++) {
      ProfileId root = world.person();
      ProfileId part = world.person();
      world.merge(part, root);
      world.waiting.clear();
      roots.add(root);
      for (int lane = 0; lane < THREADS; lane++) {
        world.track(lane % 2 == 0 ? root : part, "Order Completed");
        lanes.get(lane).add(world.waiting.removeFirst());
      }
    }
    CountDownLatch gate = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> running = new ArrayList<>();
      for (int lane = 0; lane < THREADS; lane++) {
        List<InputRecord> records = lanes.get(lane);
        Collections.shuffle(records, new Random(lane));
        running.add(
            threads.submit(() -> {
              gate.await();
              for (int from = 0; from < records.size(); from += 10) {
                applyLikeTheLoop(records.subList(from, from + 10));
              }
              return null;
            }));
      }
      gate.countDown();
      for (Future<?> one : running) {
        one.get();
      }
    }
    assertThat(world.members("seg_four")).containsExactlyInAnyOrderElementsOf(roots);
    assertThat(world.count("segment.transition")).isEqualTo(100);
    assertThat(world.count("segment.change_log")).isEqualTo(100);
  }

  /** The loop repeats what lost a race. */
  private void applyLikeTheLoop(List<InputRecord> batch) {
    while (true) {
      try {
        world.transactions.commit(connection -> world.stage.apply(connection, batch));
        return;
      } catch (SQLException e) {
        assertThat(Failure.of(e)).as(e.getMessage()).isEqualTo(Failure.RACE);
      }
    }
  }
}
