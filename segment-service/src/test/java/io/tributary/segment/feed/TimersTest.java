package io.tributary.segment.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.ProfileId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class TimersTest {
  private static final String BOUGHT_THIS_HOUR =
      "{\"type\":\"event\",\"event\":\"Order Completed\",\"performed\":true,\"within\":{\"hours\":1}}";
  private static final String IDLE_THIS_HOUR =
      "{\"type\":\"event\",\"event\":\"Order Completed\",\"performed\":false,\"within\":{\"hours\":1}}";

  private final World world = new World();

  @Test
  void aMemberLeavesAtTheMomentTheWindowRunsOutAndOnlyOnce() {
    world.segment("seg_hour", BOUGHT_THIS_HOUR);
    Instant bought = world.clock.instant();
    ProfileId ann = world.person();
    world.track(ann, "Order Completed");
    world.deliver();
    world.pass(Duration.ofMinutes(59));
    assertThat(world.tick()).isZero();
    world.pass(Duration.ofMinutes(5));
    assertThat(world.tick()).isEqualTo(1);
    assertThat(world.tick()).isZero();
    assertThat(world.history("seg_hour", ann))
        .containsExactly(
            "entered event " + bought, "exited time " + bought.plus(Duration.ofHours(1)));
  }

  @Test
  void whoDidNothingEntersWhenTheWindowRunsOut() {
    world.segment("seg_idle", IDLE_THIS_HOUR);
    Instant bought = world.clock.instant();
    ProfileId ann = world.person();
    world.track(ann, "Order Completed");
    world.deliver();
    assertThat(world.members("seg_idle")).isEmpty();
    world.pass(Duration.ofHours(2));
    world.tick();
    assertThat(world.history("seg_idle", ann))
        .containsExactly("entered time " + bought.plus(Duration.ofHours(1)));
  }

  @Test
  void nobodyLeavesWhileEventsAreStillOnTheWay() {
    world.segment("seg_hour", BOUGHT_THIS_HOUR);
    ProfileId ann = world.person();
    world.track(ann, "Order Completed");
    world.deliver();
    world.pass(Duration.ofMinutes(50));
    world.track(ann, "Order Completed");
    world.caughtUp.set(false);
    world.pass(Duration.ofMinutes(20));
    assertThat(world.tick()).isZero();
    world.deliver();
    world.caughtUp.set(true);
    assertThat(world.tick()).isZero();
    assertThat(world.crossings("seg_hour", ann)).containsExactly("entered event");
  }

  @Test
  void anUnrelatedChangeDuringALagMakesNobodyLeaveEither() {
    world.segment(
        "seg_both",
        "{\"type\":\"and\",\"conditions\":["
            + BOUGHT_THIS_HOUR
            + ",{\"type\":\"trait\",\"trait\":\"plan\",\"operator\":\"exists\"}]}");
    ProfileId ann = world.person();
    world.identify(ann, "{\"plan\":\"a\"}");
    world.track(ann, "Order Completed");
    world.deliver();
    world.pass(Duration.ofMinutes(50));
    world.track(ann, "Order Completed");
    var late = world.waiting.removeLast();
    world.pass(Duration.ofMinutes(20));
    world.identify(ann, "{\"plan\":\"b\"}");
    world.deliver();
    assertThat(world.members("seg_both")).containsExactly(ann);
    world.apply(List.of(late));
    world.tick();
    assertThat(world.crossings("seg_both", ann)).containsExactly("entered event");
  }

  @Test
  void eachWindowOfALongPauseIsActedUponInOrder() {
    world.segment("seg_hour", BOUGHT_THIS_HOUR);
    Instant start = world.clock.instant();
    ProfileId ann = world.person();
    world.track(ann, "Order Completed");
    world.deliver();
    world.pass(Duration.ofHours(5));
    world.track(ann, "Order Completed", start.plus(Duration.ofHours(3)));
    world.deliver();
    world.tick();
    assertThat(world.history("seg_hour", ann))
        .containsExactly(
            "entered event " + start,
            "exited time " + start.plus(Duration.ofHours(1)),
            "entered time " + start.plus(Duration.ofHours(3)),
            "exited time " + start.plus(Duration.ofHours(4)));
  }

  @Test
  void whoLeavesASegmentByTimeLeavesThoseThatLookAtItAtTheSameMoment() {
    world.segment("seg_hour", BOUGHT_THIS_HOUR);
    world.segment("seg_of", "{\"type\":\"segment\",\"segmentId\":\"seg_hour\",\"member\":true}");
    Instant bought = world.clock.instant();
    ProfileId ann = world.person();
    world.track(ann, "Order Completed");
    world.deliver();
    world.pass(Duration.ofHours(2));
    world.tick();
    assertThat(world.history("seg_of", ann))
        .containsExactly(
            "entered event " + bought, "exited time " + bought.plus(Duration.ofHours(1)));
  }

  @Test
  void severalProcessesAtOnceFireEachTimerOnce() throws Exception {
    world.segment("seg_hour", BOUGHT_THIS_HOUR);
    List<ProfileId> people = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      people.add(world.person());
      world.track(people.getLast(), "Order Completed");
    }
    world.deliver();
    world.pass(Duration.ofHours(2));
    CountDownLatch gate = new CountDownLatch(1);
    int crossings = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> ticks = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        ticks.add(
            threads.submit(() -> {
              Timers timers = world.timers();
              gate.await();
              return timers.tick();
            }));
      }
      gate.countDown();
      for (Future<Integer> tick : ticks) {
        crossings += tick.get();
      }
    }
    assertThat(crossings).isEqualTo(200);
    assertThat(world.count("segment.transition")).isEqualTo(400);
    assertThat(world.members("seg_hour")).isEmpty();
  }

  /**
   * A clock that is ahead makes windows run out early, which no timer can know. It must neither
   * repeat a crossing nor leave anybody wrong for good.
   */
  @Test
  void aClockThatStepsAheadAndBackEndsWithTheMembersThatSqlSelects() {
    world.segment("seg_hour", BOUGHT_THIS_HOUR);
    world.segment("seg_idle", IDLE_THIS_HOUR);
    ProfileId ann = world.person();
    ProfileId bob = world.person();
    world.track(ann, "Order Completed");
    world.track(bob, "Order Completed");
    world.deliver();
    world.pass(Duration.ofDays(1));
    world.tick();
    world.pass(Duration.ofDays(-1).plusMinutes(10));
    world.tick();
    world.track(ann, "Order Completed");
    world.deliver();
    world.tick();
    assertThat(world.members("seg_hour")).contains(ann);
    world.pass(Duration.ofHours(-1));
    world.tick();
    world.pass(Duration.ofHours(1).plusMinutes(55));
    world.tick();
    for (String segment : List.of("seg_hour", "seg_idle")) {
      assertThat(world.members(segment)).isEqualTo(world.selected(segment));
      for (ProfileId person : List.of(ann, bob)) {
        List<String> changes =
            world.crossings(segment, person).stream().map(line -> line.split(" ")[0]).toList();
        for (int i = 0; i < changes.size(); i++) {
          assertThat(changes.get(i)).isEqualTo(i % 2 == 0 ? "entered" : "exited");
        }
      }
    }
  }

  @Test
  void aTimerOfAnAbsorbedProfileDoesNotComeBackForEver() {
    world.segment("seg_hour", BOUGHT_THIS_HOUR);
    ProfileId ann = world.person();
    ProfileId bob = world.person();
    world.track(bob, "Order Completed");
    world.deliver();
    world.merge(bob, ann);
    world.pass(Duration.ofHours(2));
    world.tick();
    world.deliver();
    assertThat(world.crossings("seg_hour", bob)).containsExactly("entered event", "exited merge");
    assertThat(world.members("seg_hour")).isEmpty();
  }
}
