package io.tributary.identity.feed;

import static io.tributary.identity.Identities.event;
import static io.tributary.identity.Identities.events;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.identity.GraphInvariants;
import io.tributary.identity.Identities;
import io.tributary.identity.store.SplitStore;
import io.tributary.stream.InputRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConcurrencyTest {
  private final Identities identities = Identities.create();

  @AfterEach
  void theGraphIsSound() {
    GraphInvariants.check(identities);
  }

  /** Starts all at the same moment and returns what each says. */
  private static <R> List<R> together(List<Callable<R>> tasks) throws Exception {
    CyclicBarrier gate = new CyclicBarrier(tasks.size());
    try (ExecutorService executor = Executors.newFixedThreadPool(tasks.size())) {
      List<Future<R>> running = new ArrayList<>();
      for (Callable<R> task : tasks) {
        running.add(
            executor.submit(() -> {
              gate.await(30, TimeUnit.SECONDS);
              return task.call();
            }));
      }
      List<R> results = new ArrayList<>();
      for (Future<R> each : running) {
        results.add(each.get(120, TimeUnit.SECONDS));
      }
      return results;
    }
  }

  private Callable<UUID> home(IdentityFeed feed, InputRecord record) {
    return () -> events(identities.apply(feed, List.of(record))).getFirst().profileId().uuid();
  }

  @Test
  void twoFirstEventsOfOneVisitorAtTheSameMomentEndInOneProfile() throws Exception {
    IdentityFeed one = identities.newFeed();
    IdentityFeed other = identities.newFeed();
    for (int i = 0; i < 200; i++) {
      InputRecord left = identities.record(event().device("v" + i));
      InputRecord right = identities.record(event().device("v" + i).email("v" + i + "@x.io"));
      List<UUID> homes = together(List.of(home(one, left), home(other, right)));
      assertThat(homes.get(0)).as("visitor %d", i).isEqualTo(homes.get(1));
    }
    assertThat(identities.count("node")).isEqualTo(200);
  }

  @Test
  void manyThreadsMergingARingCrosswiseEndInOneProfile() throws Exception {
    int ring = 24;
    for (int i = 0; i < ring; i++) {
      identities.apply(event().device("d" + i).at(0), event().email("e" + i + "@x.io"));
    }
    List<Callable<UUID>> tasks = new ArrayList<>();
    for (int i = 0; i < ring; i++) {
      IdentityFeed feed = identities.newFeed();
      List<InputRecord> batch = new ArrayList<>();
      for (int step = 0; step < 4; step++) {
        int at = (i + step * 7) % ring;
        batch.add(identities.record(event().email("e" + at + "@x.io").device("d" + at).at(1)));
        batch.add(
            identities.record(
                event().email("e" + at + "@x.io").device("d" + (at + 1) % ring).at(1)));
      }
      Collections.shuffle(batch, new Random(i));
      tasks.add(() -> events(identities.apply(feed, batch)).getFirst().profileId().uuid());
    }
    together(tasks);
    assertThat(identities.count("node where merged_into is null")).isOne();
    assertThat(identities.count("node")).isEqualTo(2L * ring);
    assertThat(identities.count("merge")).isEqualTo(2L * ring - 1);
  }

  @Test
  void manyWritersOnTenIdentifiersWaitForEachOtherOrTryAgainUntilAllIsDone() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int shared = 10;
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      IdentityFeed feed = identities.newFeed();
      List<List<InputRecord>> batches = new ArrayList<>();
      for (int batch = 0; batch < 3; batch++) {
        List<InputRecord> records = new ArrayList<>();
        for (int step = 0; step < 4; step++) {
          records.add(
              identities.record(
                  event()
                      .email("e" + random.nextInt(shared) + "@x.io")
                      .device("d" + random.nextInt(shared))));
        }
        batches.add(records);
      }
      tasks.add(() -> {
        batches.forEach(batch -> identities.apply(feed, batch));
        return batches.size();
      });
    }
    assertThat(together(tasks)).as("seed %d", seed).hasSize(64).containsOnly(3);
    // 768 random pairs of ten and ten: nobody stays alone.
    assertThat(identities.count("node where merged_into is null")).as("seed %d", seed).isOne();
    assertThat(identities.count("message")).as("seed %d", seed).isEqualTo(768);
  }

  @Test
  void manyLoginsOnOneDeviceAtOnceNeverMakeOnePersonOfTwo() throws Exception {
    for (int round = 0; round < 20; round++) {
      String device = "d" + round;
      identities.apply(event().device(device).at(0));
      List<Callable<UUID>> tasks = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String user = "u" + round + "-" + i;
        tasks.add(
            home(
                identities.newFeed(),
                identities.record(event().user(user).device(device).at(i + 1))));
      }
      assertThat(together(tasks)).doesNotHaveDuplicates();
    }
    assertThat(identities.count("node where user_id is not null")).isEqualTo(160);
  }

  @Test
  void oneMessageThatArrivesTwiceAtTheSameMomentTakesEffectOnce() throws Exception {
    for (int i = 0; i < 50; i++) {
      String message = "m" + i;
      InputRecord left = identities.record(event().user("u").message(message));
      InputRecord right = identities.record(event().user("u").message(message));
      List<Integer> said =
          together(
              List.of(
                  () -> identities.apply(identities.newFeed(), List.of(left)).size(),
                  () -> identities.apply(identities.newFeed(), List.of(right)).size()));
      assertThat(said).containsExactlyInAnyOrder(0, 1);
    }
    assertThat(identities.count("message")).isEqualTo(50);
    assertThat(identities.count("duplicate")).isEqualTo(50);
  }

  @Test
  void splitsBetweenBatchesLeaveASoundGraph() throws Exception {
    SplitStore splits =
        new SplitStore(identities.dataSource(), Identities.changeLog(), identities.clock());
    List<UUID> visits = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      identities.apply(event().user("u" + i));
      visits.add(identities.home(event().device("d" + i)));
      identities.apply(event().user("u" + i).device("d" + i).at(1));
    }
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int each = i;
      String merge = identities.mergeOf(visits.get(i));
      tasks.add(() -> {
        splits.split(Identities.WORKSPACE, visits.get(each), merge, "tok_1");
        return 1;
      });
      IdentityFeed feed = identities.newFeed();
      tasks.add(() -> {
        for (int n = 0; n < 10; n++) {
          identities.apply(
              feed,
              List.of(
                  identities.record(event().user("u" + each).device("d" + each).at(2 + n)),
                  identities.record(event().email("e@x.io").device("d" + (each + 1) % 10).at(n))));
        }
        return 2;
      });
    }
    together(tasks);
    assertThat(identities.count("merge where split_at is not null")).isEqualTo(10);
    assertThat(identities.count("change_log")).isEqualTo(10);
  }
}
