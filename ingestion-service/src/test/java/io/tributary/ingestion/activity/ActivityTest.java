package io.tributary.ingestion.activity;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.access.Secrets;
import io.tributary.access.WriteKey;
import io.tributary.event.EventDraft;
import io.tributary.event.EventType;
import io.tributary.ingestion.accept.Library;
import io.tributary.ingestion.accept.Reason;
import io.tributary.ingestion.accept.Sending;
import io.tributary.ingestion.accept.Source;
import io.tributary.ingestion.accept.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is counted in memory. */
class ActivityTest {
  private static final Instant NOW = Instant.parse("2026-03-12T15:30:00Z");
  private static final WriteKey KEY = new WriteKey("k1", "ws_1", "src_1", "server", null);
  private static final Increment NONE =
      new Increment(Bucket.of("", "", NOW), Map.of(), null, List.of());
  private final Activity activity = new Activity();

  private static Verdict track(String name, @Nullable Library library) {
    EventDraft draft =
        new EventDraft(
            "ws_1",
            "src_1",
            EventType.TRACK,
            "m",
            "u",
            null,
            null,
            null,
            name,
            null,
            NOW,
            null,
            null,
            NOW,
            null,
            null,
            null,
            null,
            Map.of());
    return new Verdict.Accepted(
        new Source("ws_1", "src_1", false),
        draft,
        "k",
        new Sending(library, null, false),
        List.of());
  }

  private void send(List<Verdict> verdicts) {
    Visit visit = activity.visit(NOW, false);
    visit.by(KEY);
    visit.taken(verdicts, NOW);
    visit.end(null);
  }

  private static long named(List<Increment> taken, Kind kind) {
    return taken.stream()
        .flatMap(increment -> increment.names().stream())
        .filter(named -> named.kind() == kind)
        .count();
  }

  private static long sum(List<Increment> taken, Counter counter) {
    return taken.stream().mapToLong(i -> i.counts().getOrDefault(counter, 0L)).sum();
  }

  @Test
  void whoeverSendsNewNamesAllTheTimeIsCountedButTheNamesAreNot() {
    List<Increment> all = new ArrayList<>();
    for (int second = 0; second < 10; second++) {
      int from = second * 1000;
      send(
          IntStream.range(from, from + 1000)
              .mapToObj(i -> track("e" + i, new Library("l" + i, "1")))
              .toList());
      all.addAll(activity.take(NOW));
    }
    assertThat(sum(all, Counter.ACCEPTED)).isEqualTo(10_000);
    assertThat(named(all, Kind.TRACK)).isEqualTo(Tally.MAX_EVENTS);
    assertThat(named(all, Kind.LIBRARY)).isEqualTo(Tally.MAX_LIBRARIES);
  }

  @Test
  void namesOfAllSourcesTogetherAreBoundedAndTheirRoomComesBackWithTheNextHour() {
    Activity small = new Activity(10);
    for (int i = 0; i < 100; i++) {
      Visit visit = small.visit(NOW, false);
      visit.by(new WriteKey("k", "ws_1", "src_" + i, "server", null));
      visit.taken(List.of(track("e", null)), NOW);
    }
    assertThat(named(small.take(NOW.plusSeconds(3600)), Kind.TRACK)).isEqualTo(10);
    Visit visit = small.visit(NOW, false);
    visit.by(KEY);
    visit.taken(IntStream.range(0, 20).mapToObj(i -> track("e" + i, null)).toList(), NOW);
    assertThat(named(small.take(NOW.plusSeconds(3600)), Kind.TRACK)).isEqualTo(10);
  }

  @Test
  void longNamesAreCutBetweenCharacters() {
    send(List.of(track("x" + "😀".repeat(200), null)));
    List<Increment.Named> names = activity.take(NOW).getFirst().names();
    assertThat(names)
        .filteredOn(named -> named.kind() == Kind.TRACK)
        .singleElement()
        .extracting(Increment.Named::name)
        .isEqualTo("x" + "😀".repeat(63));
  }

  @Test
  void whatWasTakenIsNotTakenAgain() {
    send(List.of(track("e", null)));
    assertThat(sum(activity.take(NOW), Counter.ACCEPTED)).isEqualTo(1);
    assertThat(activity.take(NOW)).isEmpty();
    assertThat(activity.take(NOW.plusSeconds(7200))).isEmpty();
  }

  @Test
  void keysThatNobodyEverHadCostNoMoreThanTwoHundred() {
    for (int i = 0; i < 10_000; i++) {
      activity.unknownKey(Secrets.writeKey(), NOW);
    }
    activity.unknownKey("not even a key", NOW);
    assertThat(activity.takeUnknown()).hasSize(200);
    assertThat(activity.takeUnknown()).isEmpty();
  }

  @Test
  void aBodyOfTwoSourcesCountsForBothAndOneOfTwoKeysOnce() {
    Visit visit = activity.visit(NOW, true);
    visit.by(KEY);
    visit.by(new WriteKey("k2", "ws_1", "src_1", "server", null));
    visit.by(new WriteKey("k3", "ws_1", "src_2", "server", null));
    visit.bytes(1000);
    Source other = new Source("ws_1", "src_2", false);
    Verdict refused =
        new Verdict.Rejected(
            other,
            null,
            List.of(new Reason("required", "event", "m")),
            List.of(),
            new byte[2],
            0,
            2,
            false,
            false);
    visit.taken(List.of(track("a", null), track("b", null), refused), NOW);
    visit.end(null);

    Map<String, Increment> taken = new HashMap<>();
    activity.take(NOW).forEach(increment -> taken.put(increment.bucket().sourceId(), increment));
    Increment one = taken.getOrDefault("src_1", NONE);
    assertThat(one.counts())
        .containsOnly(
            Map.entry(Counter.REQUESTS, 1L),
            Map.entry(Counter.RETRIED_REQUESTS, 1L),
            Map.entry(Counter.RETRIED_EVENTS, 2L),
            Map.entry(Counter.BYTES, 500L),
            Map.entry(Counter.ACCEPTED, 2L),
            Map.entry(Counter.WITHOUT_LIBRARY, 2L),
            Map.entry(Counter.WITHOUT_SENT_AT, 2L));
    assertThat(one.names())
        .filteredOn(named -> named.kind() == Kind.KEY)
        .extracting(Increment.Named::name)
        .containsExactlyInAnyOrder("k1", "k2");
    assertThat(taken.getOrDefault("src_2", NONE).counts())
        .containsEntry(Counter.REFUSED, 1L)
        .containsEntry(Counter.BYTES, 500L)
        .doesNotContainKey(Counter.ACCEPTED);
  }

  @Test
  void manyThreadsAndSomebodyWhoTakesAllTheTimeLoseNothing() throws Exception {
    int threads = 8;
    int requests = 5_000;
    List<Increment> taken = new ArrayList<>();
    CountDownLatch gate = new CountDownLatch(1);
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> senders = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        senders.add(
            pool.submit(() -> {
              gate.await();
              for (int i = 0; i < requests; i++) {
                send(List.of(track("e" + i % 7, null)));
              }
              return null;
            }));
      }
      gate.countDown();
      while (!senders.stream().allMatch(Future::isDone)) {
        // As if the hour was over each time: then tallies are dropped, too.
        taken.addAll(activity.take(NOW.plusSeconds(3600)));
      }
      for (Future<?> sender : senders) {
        sender.get();
      }
    }
    taken.addAll(activity.take(NOW));
    assertThat(sum(taken, Counter.ACCEPTED)).isEqualTo((long) threads * requests);
    assertThat(sum(taken, Counter.REQUESTS)).isEqualTo((long) threads * requests);
    assertThat(
            taken.stream()
                .flatMap(i -> i.names().stream())
                .filter(named -> named.kind() == Kind.TRACK)
                .mapToLong(Increment.Named::count)
                .sum())
        .isEqualTo((long) threads * requests);
  }
}
