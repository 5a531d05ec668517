package io.tributary.segment.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.event.ProfileId;
import io.tributary.segment.store.ProfileKey;
import io.tributary.stream.InputRecord;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SegmentStageTest {
  private static final String GERMAN =
      "{\"type\":\"trait\",\"trait\":\"country\",\"operator\":\"equals\",\"value\":\"DE\"}";
  private static final String NOT_GERMAN =
      "{\"type\":\"trait\",\"trait\":\"country\",\"operator\":\"not_equals\",\"value\":\"DE\"}";
  private static final String BOUGHT_TWICE =
      """
      {"type":"event","event":"Order Completed","count":{"operator":"at_least","value":2},
       "within":{"days":30}}
      """;

  private final World world = new World();

  @Test
  void aProfileEntersWhenATraitMatchesAndLeavesWhenItNoLongerDoes() {
    world.segment("seg_de", GERMAN);
    ProfileId ann = world.person();
    world.identify(ann, "{\"country\":\"DE\"}");
    world.deliver();
    assertThat(world.members("seg_de")).containsExactly(ann);
    world.identify(ann, "{\"country\":\"FR\"}");
    world.deliver();
    assertThat(world.members("seg_de")).isEmpty();
    assertThat(world.crossings("seg_de", ann)).containsExactly("entered event", "exited event");
  }

  @Test
  void aProfileThatIsNewEntersWhatAMissingTraitSatisfies() {
    world.segment("seg_other", NOT_GERMAN);
    ProfileId ann = world.person();
    world.track(ann, "Anything");
    world.deliver();
    assertThat(world.crossings("seg_other", ann)).containsExactly("entered event");
    world.track(ann, "Anything");
    world.deliver();
    assertThat(world.crossings("seg_other", ann)).hasSize(1);
  }

  @Test
  void theSecondOrderWithinTheWindowEntersAndTheSameRecordAgainChangesNothing() {
    world.segment("seg_twice", BOUGHT_TWICE);
    ProfileId ann = world.person();
    world.track(ann, "Order Completed");
    world.deliver();
    assertThat(world.members("seg_twice")).isEmpty();
    world.track(ann, "Order Completed");
    List<InputRecord> batch = List.copyOf(world.waiting);
    world.deliver();
    world.apply(batch);
    assertThat(world.members("seg_twice")).containsExactly(ann);
    assertThat(world.crossings("seg_twice", ann)).containsExactly("entered event");
    assertThat(
            world
                .jdbc
                .sql("select array_length(times, 1) from segment.behaviour")
                .query(Integer.class)
                .list())
        .containsExactly(2);
  }

  @Test
  void theSameRecordTwiceCountsAsOneOrder() {
    world.segment("seg_twice", BOUGHT_TWICE);
    ProfileId ann = world.person();
    world.track(ann, "Order Completed");
    List<InputRecord> batch = List.copyOf(world.waiting);
    world.deliver();
    world.apply(batch);
    assertThat(world.members("seg_twice")).isEmpty();
  }

  @Test
  void anEventOutsideItsWindowCausesNoEntry() {
    world.segment("seg_twice", BOUGHT_TWICE);
    ProfileId ann = world.person();
    Instant long_ago = world.clock.instant().minus(Duration.ofDays(40));
    world.track(ann, "Order Completed", long_ago);
    world.track(ann, "Order Completed");
    world.deliver();
    assertThat(world.members("seg_twice")).isEmpty();
  }

  @Test
  void whatIsToldOfLongAgoIsTheReasonWhereNothingElseIs() {
    world.segment("seg_twice", BOUGHT_TWICE);
    ProfileId ann = world.person();
    ProfileId bob = world.person();
    ProfileId cyd = world.person();
    for (int i = 0; i < 2; i++) {
      world.recall(ann, "Order Completed");
    }
    world.track(bob, "Order Completed");
    world.recall(bob, "Order Completed");
    world.recall(cyd, "Order Completed");
    world.deliver();
    world.track(cyd, "Order Completed");
    world.deliver();
    assertThat(world.crossings("seg_twice", ann)).containsExactly("entered historical");
    assertThat(world.crossings("seg_twice", bob)).containsExactly("entered event");
    assertThat(world.crossings("seg_twice", cyd)).containsExactly("entered event");
  }

  @Test
  void aMergeUnitesWhatBothDidAndASplitTakesItApartAgain() {
    world.segment("seg_twice", BOUGHT_TWICE);
    ProfileId ann = world.person();
    ProfileId bob = world.person();
    world.track(ann, "Order Completed");
    world.track(bob, "Order Completed");
    world.deliver();
    assertThat(world.members("seg_twice")).isEmpty();
    world.merge(bob, ann);
    world.deliver();
    assertThat(world.members("seg_twice")).containsExactly(ann);
    world.split(bob);
    world.deliver();
    assertThat(world.members("seg_twice")).isEmpty();
    assertThat(world.crossings("seg_twice", ann)).containsExactly("entered merge", "exited split");
    assertThat(world.crossings("seg_twice", bob)).isEmpty();
  }

  @Test
  void anAbsorbedMemberExitsOnceAndEntersAgainAfterTheSplit() {
    world.segment("seg_de", GERMAN);
    ProfileId ann = world.person();
    ProfileId bob = world.person();
    world.identify(ann, "{\"country\":\"DE\"}");
    world.identify(bob, "{\"country\":\"DE\"}");
    world.deliver();
    world.merge(bob, ann);
    List<InputRecord> batch = List.copyOf(world.waiting);
    world.deliver();
    world.apply(batch);
    assertThat(world.members("seg_de")).containsExactly(ann);
    world.split(bob);
    world.deliver();
    assertThat(world.members("seg_de")).containsExactlyInAnyOrder(ann, bob);
    assertThat(world.crossings("seg_de", bob))
        .containsExactly("entered event", "exited merge", "entered split");
    assertThat(world.crossings("seg_de", ann)).containsExactly("entered event");
  }

  @Test
  void whoEntersASegmentEntersThoseThatLookAtItInTheSamePass() {
    world.segment("seg_de", GERMAN);
    world.segment("seg_b", "{\"type\":\"segment\",\"segmentId\":\"seg_de\",\"member\":true}");
    world.segment("seg_c", "{\"type\":\"segment\",\"segmentId\":\"seg_b\",\"member\":false}");
    ProfileId ann = world.person();
    world.track(ann, "Anything");
    world.deliver();
    assertThat(world.members("seg_c")).containsExactly(ann);
    world.identify(ann, "{\"country\":\"DE\"}");
    world.deliver();
    assertThat(world.members("seg_b")).containsExactly(ann);
    assertThat(world.crossings("seg_c", ann)).containsExactly("entered event", "exited event");
  }

  @Test
  void anErasedPersonLeavesOnceAndNothingIsKept() {
    world.segment("seg_de", GERMAN);
    world.segment("seg_twice", BOUGHT_TWICE);
    ProfileId ann = world.person();
    world.identify(ann, "{\"country\":\"DE\"}");
    world.track(ann, "Order Completed");
    world.deliver();
    world.erase(ann);
    List<InputRecord> batch = List.copyOf(world.waiting);
    world.deliver();
    world.apply(batch);
    for (String table : List.of("behaviour", "membership", "transition", "profile_lock")) {
      assertThat(world.count("segment." + table)).as(table).isZero();
    }
    assertThat(
            world
                .jdbc
                .sql("select convert_from(value, 'UTF8') from segment.change_log")
                .query(String.class)
                .list())
        .hasSize(2)
        .anyMatch(value -> value.contains("\"reason\":\"erasure\""));
    assertThat(
            world
                .jdbc
                .sql("select request_id from segment.v_privacy_receipt")
                .query(String.class)
                .list())
        .containsExactly("prq_1");
  }

  @Test
  void anEventOfAnErasedPersonLeavesNoTrace() {
    world.segment("seg_twice", BOUGHT_TWICE);
    ProfileId ann = world.person();
    world.track(ann, "Order Completed");
    List<InputRecord> late = List.copyOf(world.waiting);
    world.waiting.clear();
    world.erase(ann);
    world.deliver();
    world.apply(late);
    assertThat(world.count("segment.behaviour")).isZero();
    assertThat(world.count("segment.membership")).isZero();
  }

  @Test
  void anEventThatWaitsWhileItsPersonIsErasedLeavesNoTrace() throws Exception {
    world.segment("seg_twice", BOUGHT_TWICE);
    ProfileId ann = world.person();
    world.track(ann, "Order Completed");
    world.deliver();
    world.track(ann, "Order Completed");
    List<InputRecord> late = List.copyOf(world.waiting);
    world.waiting.clear();
    CompletableFuture<Void> waiting;
    try (Connection erasing = world.open()) {
      erasing.setAutoCommit(false);
      TreeSet<ProfileKey> keys = new TreeSet<>(Set.of(new ProfileKey(World.WORKSPACE, ann)));
      world.stores.locks().lock(erasing, keys);
      waiting = CompletableFuture.runAsync(() -> world.apply(late));
      await().until(() -> world.count("pg_locks where not granted") > 0);
      world.erase(ann);
      List<InputRecord> erased = List.copyOf(world.waiting);
      world.waiting.clear();
      world.stage.apply(erasing, erased);
      erasing.commit();
    }
    waiting.get(30, TimeUnit.SECONDS);
    assertThat(world.count("segment.behaviour")).isZero();
    assertThat(world.count("segment.membership")).isZero();
    assertThat(world.count("segment.transition")).isZero();
  }

  @Test
  void aReceiptSpeaksOfAllHomesOfThePerson() {
    world.segment("seg_twice", BOUGHT_TWICE);
    ProfileId ann = world.person();
    ProfileId device = world.person();
    world.track(ann, "Order Completed");
    world.track(device, "Order Completed");
    world.merge(device, ann);
    world.deliver();
    assertThat(world.members("seg_twice")).containsExactly(ann);
    world.erase(ann, device);
    InputRecord first = world.waiting.removeFirst();
    world.apply(List.of(first));
    assertThat(world.count("segment.v_privacy_receipt")).isOne();
    assertThat(world.count("segment.behaviour")).isZero();
    assertThat(world.count("segment.membership")).isZero();
    world.deliver();
    assertThat(world.count("segment.v_privacy_receipt")).isOne();
  }

  @Test
  void whatIsNoProfileChangeGoesToQuarantineAndItsNeighboursAreApplied() {
    world.segment("seg_de", GERMAN);
    ProfileId ann = world.person();
    world.waiting.add(
        new InputRecord(
            "profile.changes",
            0,
            99_999,
            "x",
            "{\"kind\":\"other\"}".getBytes(StandardCharsets.UTF_8),
            world.clock.instant()));
    world.identify(ann, "{\"country\":\"DE\"}");
    world.deliver();
    assertThat(world.members("seg_de")).containsExactly(ann);
    assertThat(world.count("segment.v_quarantine")).isEqualTo(1);
    assertThat(
            world
                .jdbc
                .sql("select outcome || ' ' || total from segment.v_control_total order by 1")
                .query(String.class)
                .list())
        .containsExactly("applied 1", "quarantined 1");
  }

  @Test
  void aChangeOfOneWorkspaceDoesNotTouchTheSegmentsOfAnother() {
    world.segment("seg_other", NOT_GERMAN);
    ProfileId ann = world.person();
    world.jdbc.sql("update profile.home set workspace_id = 'ws_2'").update();
    world.track(ann, "Anything");
    InputRecord theirs = world.waiting.removeFirst();
    String json = new String(theirs.value(), StandardCharsets.UTF_8).replace("ws_1", "ws_2");
    world.apply(
        List.of(
            new InputRecord(
                theirs.topic(),
                theirs.partition(),
                theirs.offset(),
                theirs.key(),
                json.getBytes(StandardCharsets.UTF_8),
                theirs.timestamp())));
    assertThat(world.count("segment.membership")).isZero();
  }
}
