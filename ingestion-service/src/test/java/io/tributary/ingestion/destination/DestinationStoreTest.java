package io.tributary.ingestion.destination;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.ProfileId;
import io.tributary.ingestion.Schema;
import io.tributary.ingestion.destination.DestinationStore.Done;
import io.tributary.ingestion.destination.DestinationStore.Held;
import io.tributary.ingestion.destination.DestinationStore.Standing;
import io.tributary.stream.LogReader.Place;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What was done and how far the log was read stand together, and only whoever's turn it is writes.
 */
class DestinationStoreTest {
  private static final Instant NOW = Instant.parse("2026-11-01T10:15:00Z");
  private DestinationStore store;
  private int made;

  @BeforeEach
  void prepare() {
    TestDatabase database = TestPostgres.freshDatabase();
    Schema.migrations(database.dataSource()).load().migrate();
    JdbcClient jdbc = JdbcClient.create(database.dataSource());
    jdbc.sql("create schema access").update();
    jdbc.sql("create table access.workspace (workspace_id text)").update();
    store =
        new DestinationStore(
            database.dataSource(),
            new TransactionTemplate(new JdbcTransactionManager(database.dataSource())));
  }

  private Destination create(String name) {
    Destination wanted =
        new Destination(
            "dst_" + name,
            "ws_1",
            name,
            "{}",
            "sealed",
            null,
            null,
            Destination.State.RUNNING,
            null,
            0,
            0,
            null,
            null,
            null,
            0,
            NOW,
            NOW);
    return store.create(wanted, List.of(place(5))).orElseThrow();
  }

  private static Place place(long next) {
    return new Place("profile.changes", 0, "topic", next);
  }

  private static Done done(
      long next, long received, long delivered, List<Letter> letters, List<Letter> gone) {
    return new Done(
        List.of(place(next)),
        received,
        0,
        delivered,
        letters,
        gone,
        List.of(),
        List.of(),
        delivered,
        new long[Times.SIZE],
        null,
        false,
        null);
  }

  private Letter letter(ProfileId profile, Instant due) {
    return letter("msg_" + ++made, profile, due, null);
  }

  private static Letter letter(
      String id, ProfileId profile, Instant due, @Nullable String problem) {
    Message message = new Message(id, profile, profile, "event", new byte[] {'{', '}'});
    return new Letter(0, message, 1, problem, NOW, due, null, true);
  }

  @Test
  void whoWasTakenForDeadWritesNothingMore() {
    create("a");
    Destination first = store.claim("one", NOW).orElseThrow();
    assertThat(store.claim("two", NOW.plusSeconds(29))).as("the lease holds").isEmpty();
    Destination second = store.claim("two", NOW.plusSeconds(31)).orElseThrow();
    Letter letter = letter(ProfileId.create(), NOW);
    assertThat(store.note(first, done(9, 4, 3, List.of(letter), List.of()), NOW)).isEmpty();
    assertThat(store.places("dst_a")).containsExactly(place(5));
    assertThat(store.counts().since("dst_a", Instant.EPOCH).received()).isZero();
    assertThat(store.letters().due("dst_a", NOW, 10)).isEmpty();
    Optional<Standing> standing =
        store.note(second, done(9, 4, 3, List.of(letter), List.of()), NOW);
    assertThat(standing.orElseThrow().waiting()).isEqualTo(1);
    assertThat(store.places("dst_a")).containsExactly(place(9));
    assertThat(store.counts().since("dst_a", Instant.EPOCH).delivered()).isEqualTo(3);
    store.release(first, null);
    assertThat(store.claim("three", NOW.plusSeconds(32))).as("it isn't the first's").isEmpty();
    Held stale = new Held("dst_a", first.epoch());
    Held held = new Held("dst_a", second.epoch());
    assertThat(store.renew(List.of(stale, held), NOW)).containsExactly(held);
  }

  @Test
  void whatIsToldAgainLiesOnceAmongTheUndelivered() {
    create("b");
    Destination claimed = store.claim("one", NOW).orElseThrow();
    Letter letter = letter(ProfileId.create(), NOW);
    store.note(claimed, done(6, 1, 0, List.of(letter), List.of()), NOW);
    store.note(claimed, done(7, 1, 0, List.of(letter), List.of()), NOW);
    CountStore.Counts counts = store.counts().since("dst_b", Instant.EPOCH);
    assertThat(counts.received()).isEqualTo(2);
    assertThat(counts.retrying()).isEqualTo(1);
    assertThat(counts.discarded()).as("in the place of itself").isEqualTo(1);
    List<Letter> due = store.letters().due("dst_b", NOW, 10);
    store.note(claimed, done(7, 0, 0, List.of(), due), NOW);
    store.note(claimed, done(7, 0, 0, List.of(), due), NOW);
    assertThat(store.counts().since("dst_b", Instant.EPOCH).delivered())
        .as("counted once")
        .isEqualTo(1);
  }

  @Test
  void ofEachPersonTheFirstLetterDecidesWhetherTheOthersAreDue() {
    create("c");
    Destination claimed = store.claim("one", NOW).orElseThrow();
    ProfileId later = ProfileId.create();
    ProfileId now = ProfileId.create();
    List<Letter> letters = new ArrayList<>();
    letters.add(letter(later, NOW.plusSeconds(60)));
    letters.add(letter(now, NOW));
    letters.add(letter(later, NOW));
    letters.add(letter(now, NOW.plusSeconds(60)));
    store.note(claimed, done(9, 4, 0, letters, List.of()), NOW);
    assertThat(store.letters().due("dst_c", NOW, 10))
        .extracting(each -> each.message().profile())
        .containsExactly(now, now);
    assertThat(store.letters().due("dst_c", NOW.plusSeconds(60), 10))
        .extracting(each -> each.message().id())
        .containsExactly("msg_1", "msg_2", "msg_3", "msg_4");
    assertThat(store.letters().waiting("dst_c", List.of(later, ProfileId.create())))
        .containsExactly(later);
    assertThat(store.letters().probes("dst_c", 3))
        .hasSize(2)
        .extracting(Letter::id)
        .contains(1L, 2L);
  }

  @Test
  void whereItGoesOnCanBeSetAndEndsWhatIsGoingOn() {
    Destination made = create("d");
    Destination claimed = store.claim("one", NOW).orElseThrow();
    store.change("ws_1", made.id(), _ -> store.rewind(made.id(), List.of(place(2))));
    assertThat(store.note(claimed, done(9, 4, 4, List.of(), List.of()), NOW)).isEmpty();
    assertThat(store.places("dst_d")).containsExactly(place(2));
    assertThat(store.claim("two", NOW)).isPresent();
  }

  @Test
  void countsAreKeptByHour() {
    create("e");
    Destination claimed = store.claim("one", NOW).orElseThrow();
    store.note(claimed, done(6, 3, 3, List.of(), List.of()), NOW.minus(Duration.ofHours(30)));
    store.note(claimed, done(7, 2, 2, List.of(), List.of()), NOW);
    store.note(claimed, done(8, 1, 1, List.of(), List.of()), NOW.plusSeconds(1));
    assertThat(store.counts().since("dst_e", Instant.EPOCH).delivered()).isEqualTo(6);
    assertThat(store.counts().since("dst_e", NOW.minus(Duration.ofHours(24))).delivered())
        .isEqualTo(3);
    assertThat(store.counts().since("dst_e", Instant.EPOCH).times().counts()).hasSize(Times.SIZE);
    store.counts().tidy(NOW.minus(Duration.ofHours(20)));
    store.note(claimed, done(9, 1, 1, List.of(), List.of()), NOW.minus(Duration.ofHours(40)));
    store.counts().tidy(NOW.minus(Duration.ofHours(20)));
    assertThat(store.counts().since("dst_e", Instant.EPOCH).delivered()).isEqualTo(7);
    assertThat(store.counts().since("dst_e", Instant.EPOCH).times().counts()).hasSize(Times.SIZE);
    assertThat(store.counts().since("dst_e", NOW.minus(Duration.ofHours(50))).delivered())
        .isEqualTo(3);
  }
}
