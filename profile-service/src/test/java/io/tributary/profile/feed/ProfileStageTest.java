package io.tributary.profile.feed;

import static io.tributary.profile.ProfileFixture.at;
import static io.tributary.profile.ProfileFixture.event;
import static io.tributary.profile.ProfileFixture.identify;
import static io.tributary.profile.ProfileFixture.link;
import static io.tributary.profile.ProfileFixture.merge;
import static io.tributary.profile.ProfileFixture.profile;
import static io.tributary.profile.ProfileFixture.record;
import static io.tributary.profile.ProfileFixture.track;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.ProfileChange;
import io.tributary.event.ProfileChange.ProfileEvent;
import io.tributary.event.ProfileChange.ProfileRelinked;
import io.tributary.event.ProfileId;
import io.tributary.profile.ProfileFixture;
import io.tributary.profile.ProfileInvariants;
import io.tributary.profile.merge.EventFacts;
import io.tributary.stream.InputRecord;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProfileStageTest {
  private static final ProfileId A = profile(1);
  private static final ProfileId B = profile(2);
  private static final ProfileId C = profile(3);

  private final ProfileFixture store = new ProfileFixture();

  @AfterEach
  void invariants() {
    ProfileInvariants.check(store.sql);
  }

  @Test
  void anEventIsStoredCountedAndSaid() {
    List<ProfileChange> said =
        store.apply(identify(A, "m1", 5, "{\"email\":\"a@x.org\",\"gone\":null}"));
    assertThat(said).hasSize(1);
    ProfileEvent change = (ProfileEvent) said.getFirst();
    assertThat(change.profileId()).isEqualTo(A);
    assertThat(change.homeId()).isEqualTo(A);
    assertThat(change.changeNo()).isEqualTo(1);
    assertThat(change.traitKeys()).containsExactlyInAnyOrder("email", "gone");
    assertThat(change.event().messageId()).isEqualTo("m1");
    assertThat(store.person(A)).isEqualTo("{\"email\": \"a@x.org\"} 1 1");
    assertThat(
            store.text(
                "select to_char(at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from profile.v_event"))
        .isEqualTo(at(5).toString());
  }

  @Test
  void aRedeliveredRecordIsSaidAgainWithTheStoredNumberAndHasNoSecondEffect() {
    InputRecord first = identify(A, "m1", 5, "{\"a\":1}");
    InputRecord second = track(A, "m2", 6, "Seen");
    InputRecord merge = merge(B, A, 1);
    List<ProfileChange> said = store.apply(first, second, merge);
    assertThat(store.reemit(first, second, merge)).isEqualTo(said);
    assertThat(store.apply(first, second)).isEqualTo(said.subList(0, 2));
    assertThat(store.person(A)).isEqualTo("{\"a\": 1} 2 2");
    assertThat(total("applied")).isEqualTo(2);
    assertThat(total("duplicate")).isEqualTo(2);
  }

  @Test
  void theSameEventTwiceInOneBatchCountsOnce() {
    assertThat(store.apply(track(A, "m1", 5, "Seen"), track(A, "m1", 5, "Seen"))).hasSize(1);
    assertThat(store.person(A)).isEqualTo("{} 1 1");
    assertThat(total("duplicate")).isEqualTo(1);
  }

  @Test
  void anOlderValueThatComesLaterDoesNotWinAndARemovalStays() {
    store.apply(identify(A, "m2", 20, "{\"plan\":\"pro\",\"nick\":null}"));
    store.apply(identify(A, "m1", 10, "{\"plan\":\"free\",\"nick\":\"al\"}"));
    assertThat(store.person(A)).isEqualTo("{\"plan\": \"pro\"} 2 1");
  }

  @Test
  void aMergeUnitesAndASplitSeparatesAgainWithTheEventsInBetween() {
    store.apply(
        identify(A, "m1", 10, "{\"plan\":\"free\"}"),
        identify(B, "m2", 20, "{\"plan\":\"pro\",\"city\":\"Ulm\"}"));
    List<ProfileChange> merged = store.apply(merge(B, A, 1), identify(B, "m3", 30, "{\"x\":1}"));
    ProfileRelinked relinked = (ProfileRelinked) merged.getFirst();
    assertThat(relinked.canonicalId()).isEqualTo(A);
    assertThat(relinked.previousCanonicalId()).isEqualTo(B);
    assertThat(((ProfileEvent) merged.getLast()).profileId()).isEqualTo(A);
    assertThat(((ProfileEvent) merged.getLast()).changeNo()).isGreaterThan(relinked.changeNo());
    assertThat(store.person(A)).isEqualTo("{\"x\": 1, \"city\": \"Ulm\", \"plan\": \"pro\"} 3 2");

    ProfileRelinked split = (ProfileRelinked) store.apply(link(B, null, A, 2)).getFirst();
    assertThat(split.canonicalId()).isEqualTo(B);
    assertThat(split.previousCanonicalId()).isEqualTo(A);
    assertThat(store.person(A)).isEqualTo("{\"plan\": \"free\"} 1 1");
    assertThat(store.person(B)).isEqualTo("{\"x\": 1, \"city\": \"Ulm\", \"plan\": \"pro\"} 2 1");
    assertThat(store.number("select change_no from profile.profile where profile_id = ?", A.uuid()))
        .isEqualTo(split.changeNo());
  }

  @Test
  void chainedLinksEndRightInWhateverOrderTheyArrive() {
    List<InputRecord> links = new ArrayList<>(List.of(merge(C, B, 1), merge(B, A, 1)));
    store.apply(links.getFirst());
    assertThat(store.canonical(C)).isEqualTo(B);
    store.apply(links.getLast());
    assertThat(store.canonical(C)).isEqualTo(A);
    store.apply(link(B, null, A, 3));
    assertThat(store.apply(link(B, A, A, 2))).isEmpty();
    assertThat(store.canonical(C)).isEqualTo(B);
    assertThat(store.canonical(A)).isEqualTo(A);
  }

  @Test
  void aCircleOfLinksOnTheirWayHasOneRootAndOpensWithTheNextVersion() {
    store.apply(merge(B, A, 1));
    store.apply(merge(A, B, 1));
    assertThat(store.canonical(A)).isEqualTo(store.canonical(B));
    store.apply(link(B, null, A, 2));
    assertThat(store.canonical(A)).isEqualTo(B);
    assertThat(store.canonical(B)).isEqualTo(B);
  }

  @Test
  void workspacesWithTheSameIdsDoNotMeet() {
    store.apply(
        identify(A, "m1", 10, "{\"a\":1}"),
        event("ws_b", A, "identify", "m1", 10, ",\"traits\":{\"a\":2}"));
    store.apply(merge(B, A, 1));
    assertThat(
            store.text(
                "select traits from profile.v_profile where workspace_id='ws_b' and is_root"))
        .isEqualTo("{\"a\": 2}");
    assertThat(store.number("select count(*) from profile.profile where workspace_id = 'ws_b'"))
        .isEqualTo(1);
  }

  @Test
  void whatCannotBeReadIsInQuarantineAndItsNeighboursAreApplied() {
    InputRecord broken = record("{\"kind\":\"event\"".getBytes(StandardCharsets.UTF_8));
    InputRecord hostile = identify(A, "m0", 1, "{\"n\":1e999999999}");
    assertThat(store.apply(broken, hostile, track(A, "m1", 5, "Seen"))).hasSize(1);
    assertThat(store.number("select count(*) from profile.v_quarantine where stage = 'profile'"))
        .isEqualTo(2);
    assertThat(total("quarantined")).isEqualTo(2);
    assertThat(store.reemit(broken, hostile)).isEmpty();
  }

  @Test
  void anIgnoredTraitIsRecorded() {
    String value = "x".repeat(EventFacts.MAX_VALUE);
    store.apply(identify(A, "m1", 5, "{\"big\":\"" + value + "\",\"ok\":1}"));
    assertThat(store.text("select key || ' ' || reason from profile.ignored_trait"))
        .isEqualTo("big value_too_long");
    assertThat(store.person(A)).isEqualTo("{\"ok\": 1} 1 1");
  }

  @Test
  void anErasedPersonsLateEventsAndLinksLeaveNoTrace() {
    store.apply(track(A, "m1", 5, "Seen"));
    erase();
    assertThat(store.apply(track(A, "m2", 6, "Seen"), merge(B, A, 1))).isEmpty();
    assertThat(store.number("select count(*) from profile.event")).isZero();
    assertThat(store.canonical(B)).isEqualTo(B);
    assertThat(total("erased")).isEqualTo(1);
  }

  @Test
  void whatIsSaidAgainCountsApartUnlessItIsNew() {
    InputRecord first = track(A, "m1", 5, "Seen");
    store.apply(first, track(B, "m2", 6, "Seen"));
    assertThat(store.apply(again(first))).hasSize(1);
    store.apply(again(track(A, "m3", 7, "Seen")), again(track(A, "m3", 7, "Seen")));
    assertThat(total("applied")).isEqualTo(3);
    assertThat(total("again")).isEqualTo(2);
    erase();
    assertThat(store.apply(again(first))).isEmpty();
    assertThat(total("again")).isEqualTo(3);
    assertThat(total("erased")).isZero();
    assertThat(total("duplicate")).isZero();
  }

  private void erase() {
    store.sql.sql("delete from profile.event").update();
    store
        .sql
        .sql(
            """
            update profile.profile set erased_at = now(), event_count = 0, total_event_count = 0,
              first_seen = null, last_seen = null, total_first_seen = null, total_last_seen = null
            """)
        .update();
  }

  private static InputRecord again(InputRecord record) {
    return new InputRecord(
        record.topic(),
        record.partition(),
        record.offset(),
        record.key(),
        record.value(),
        record.timestamp(),
        record.trace(),
        true);
  }

  @Test
  void manyWritersAtOnceLoseNothing() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("ProfileStageTest seed=" + seed);
    Random random = new Random(seed);
    List<List<InputRecord>> batches = new ArrayList<>();
    int events = 0;
    for (int batch = 0; batch < 60; batch++) {
      List<InputRecord> records = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        ProfileId home = profile(1 + random.nextInt(12));
        ProfileId other = profile(1 + random.nextInt(12));
        if (random.nextInt(5) == 0 && !home.equals(other)) {
          records.add(merge(home, other, batch * 10L + i + 1));
        } else {
          records.add(identify(home, "m" + events++, random.nextInt(100), "{\"k\":" + i + "}"));
        }
      }
      batches.add(records);
    }
    Collections.shuffle(batches, random);
    CountDownLatch start = new CountDownLatch(1);
    try (ExecutorService writers = Executors.newFixedThreadPool(4)) {
      List<Future<?>> done = new ArrayList<>();
      for (List<InputRecord> batch : batches) {
        done.add(
            writers.submit(() -> {
              start.await();
              applyUntilDone(batch);
              return null;
            }));
      }
      start.countDown();
      for (Future<?> one : done) {
        one.get();
      }
    }
    assertThat(store.number("select count(*) from profile.event")).isEqualTo(events);
    assertThat(total("applied")).isEqualTo(events);
  }

  /** As the loop does it: a lost race means the whole batch again. */
  private void applyUntilDone(List<InputRecord> batch) throws SQLException {
    for (int attempt = 0; ; attempt++) {
      assertThat(attempt).as("races lost by one batch").isLessThan(1_000);
      try (Connection connection = store.dataSource.getConnection()) {
        connection.setAutoCommit(false);
        store.stage.apply(connection, batch);
        connection.commit();
        return;
      } catch (SQLException e) {
        assertThat(e.getSQLState()).isIn("40001", "40P01");
      }
    }
  }

  private long total(String outcome) {
    return store.number(
        "select coalesce(sum(total), 0) from profile.v_control_total where outcome = ?", outcome);
  }
}
