package io.tributary.segment.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.event.ProfileId;
import io.tributary.segment.store.Build;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BackfillTest {
  private static final String GERMAN =
      "{\"type\":\"trait\",\"trait\":\"country\",\"operator\":\"equals\",\"value\":\"DE\"}";
  private static final String FRENCH =
      "{\"type\":\"trait\",\"trait\":\"country\",\"operator\":\"equals\",\"value\":\"FR\"}";
  private static final String BOUGHT_TWICE =
      """
      {"type":"event","event":"Order Completed","count":{"operator":"at_least","value":2},
       "within":{"days":30},"where":[{"property":"total","operator":"greater_than","value":10}]}
      """;

  private final World world = new World();

  private ProfileId buyer(int orders) {
    ProfileId id = world.person();
    for (int i = 0; i < orders; i++) {
      world.track(
          id, "Order Completed", world.clock.instant().minus(Duration.ofDays(i)), "{\"total\":20}");
    }
    return id;
  }

  @Test
  void aNewSegmentHoldsWhoeverQualifiesByHistoryAndSaysSoOnce() {
    ProfileId two = buyer(2);
    ProfileId one = buyer(1);
    world.deliver();
    world.segment("seg_twice", BOUGHT_TWICE);
    assertThat(world.members("seg_twice")).containsExactly(two);
    assertThat(world.crossings("seg_twice", two)).containsExactly("entered definition");
    world.track(one, "Order Completed", world.clock.instant(), "{\"total\":11}");
    world.deliver();
    assertThat(world.members("seg_twice")).containsExactly(two, one);
  }

  @Test
  void anEventThatArrivesWhileTheHistoryIsReadCountsOnce() {
    ProfileId ann = buyer(1);
    world.define("seg_twice", BOUGHT_TWICE);
    world.deliver();
    world.build();
    assertThat(world.members("seg_twice")).isEmpty();
    assertThat(
            world
                .jdbc
                .sql("select array_length(times, 1) from segment.behaviour")
                .query(Integer.class)
                .list())
        .containsExactly(1);
    world.track(ann, "Order Completed", world.clock.instant(), "{\"total\":11}");
    world.deliver();
    assertThat(world.crossings("seg_twice", ann)).containsExactly("entered event");
  }

  @Test
  void changesAfterEachChunkEndInTheSameMembersWithOneCrossingEach() {
    List<ProfileId> people = new ArrayList<>();
    for (int i = 0; i < 450; i++) {
      people.add(buyer(i % 3));
    }
    world.deliver();
    world.define("seg_twice", BOUGHT_TWICE);
    int step = 0;
    while (!world.state("seg_twice").equals("ready")) {
      oneChunk(step);
      ProfileId some = people.get((step * 37) % people.size());
      world.track(some, "Order Completed", world.clock.instant(), "{\"total\":30}");
      world.deliver();
      step++;
      assertThat(step).isLessThan(100);
    }
    assertThat(step).isGreaterThan(3);
    assertThat(world.members("seg_twice")).isEqualTo(world.selected("seg_twice"));
    for (ProfileId member : world.members("seg_twice")) {
      assertThat(world.crossings("seg_twice", member)).hasSize(1);
    }
  }

  /** A worker that dies after one chunk of a step: its lease runs out and another goes on. */
  private void oneChunk(int step) {
    world.pass(Duration.ofSeconds(31));
    Optional<Build> claimed =
        world.commit(connection ->
            world
                .stores
                .builds()
                .claim(connection, "dying" + step, world.clock.instant(), Backfill.LEASE));
    Optional<Build> next = claimed.flatMap(this::chunk);
    if (claimed.isPresent() && next.isPresent() && next.get().step() != claimed.get().step()) {
      Optional<Build> _ = next.flatMap(this::chunk);
    }
    world.pass(Duration.ofSeconds(31));
  }

  private Optional<Build> chunk(Build build) {
    return world.commit(
        connection -> new BackfillSteps(world.stores, world.clock).chunk(connection, build));
  }

  @Test
  void anEditTellsTheDifferenceOnce() {
    ProfileId german = world.person();
    ProfileId french = world.person();
    world.identify(german, "{\"country\":\"DE\"}");
    world.identify(french, "{\"country\":\"FR\"}");
    world.segment("seg_x", GERMAN);
    world.deliver();
    world.segment("seg_x", "{\"type\":\"or\",\"conditions\":[" + GERMAN + "," + FRENCH + "]}");
    assertThat(world.members("seg_x")).containsExactly(german, french);
    world.segment("seg_x", FRENCH);
    assertThat(world.members("seg_x")).containsExactly(french);
    assertThat(world.crossings("seg_x", german))
        .containsExactly("entered definition", "exited definition");
    assertThat(world.crossings("seg_x", french)).containsExactly("entered definition");
  }

  @Test
  void theOldConditionStaysInEffectUntilTheNewOneIsCollected() {
    ProfileId ann = world.person();
    world.segment("seg_x", GERMAN);
    world.define("seg_x", BOUGHT_TWICE);
    world.identify(ann, "{\"country\":\"DE\"}");
    world.deliver();
    assertThat(world.members("seg_x")).containsExactly(ann);
    world.build();
    assertThat(world.crossings("seg_x", ann)).containsExactly("entered event", "exited definition");
  }

  @Test
  void everybodyLeavesADeletedSegmentAndItsTracesGo() {
    ProfileId two = buyer(2);
    world.deliver();
    world.segment("seg_twice", BOUGHT_TWICE);
    world.delete("seg_twice");
    world.build();
    assertThat(world.state("seg_twice")).isEqualTo("deleted");
    assertThat(world.crossings("seg_twice", two))
        .containsExactly("entered definition", "exited definition");
    assertThat(world.count("segment.membership")).isZero();
    assertThat(world.count("segment.behaviour")).isZero();
  }

  @Test
  void aWorkerThatWasTakenOverChangesNothing() {
    buyer(2);
    world.deliver();
    world.define("seg_twice", BOUGHT_TWICE);
    var stale =
        world.commit(connection ->
            world
                .stores
                .builds()
                .claim(connection, "stale", world.clock.instant(), Backfill.LEASE)
                .orElseThrow());
    world.define("seg_twice", GERMAN);
    assertThatThrownBy(
            () -> {
              Optional<Build> next = Optional.of(stale);
              while (next.isPresent()) {
                next = chunk(next.get());
              }
            })
        .isInstanceOf(Backfill.Lost.class);
    world.build();
    assertThat(world.members("seg_twice")).isEmpty();
  }
}
