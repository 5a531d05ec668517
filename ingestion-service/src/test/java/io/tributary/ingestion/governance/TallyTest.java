package io.tributary.ingestion.governance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingestion.accept.Source;
import io.tributary.ingestion.accept.Verdict;
import io.tributary.ingestion.plan.Kind;
import io.tributary.ingestion.plan.Plans;
import io.tributary.ingestion.plan.Violation;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class TallyTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final Source SOURCE =
      new Source("ws_1", "src_1", false, Plans.plan("{'event':'E'}", "allow"));

  private static Verdict broken(String messageId, String field) {
    Violation violation = new Violation("E", field, Kind.TYPE, "string", "must be a number");
    return new Verdict.Rejected(
        SOURCE, messageId, List.of(), List.of(violation), new byte[0], 0, 0, false, false);
  }

  private static Tally.Count only(Tally tally) {
    return tally.plans().values().iterator().next().values().iterator().next();
  }

  @Test
  void itemsOfAListCountAsOneFieldAndTheLatestThreeEventsAreSamples() {
    Tally tally = new Tally();
    for (int i = 0; i < 5; i++) {
      tally.add(broken("m" + i, "properties.a[" + i + "]"), NOON.plusSeconds(i));
    }
    Tally.Count count = only(tally);
    assertThat(count.count()).isEqualTo(5);
    assertThat(count.first()).isEqualTo(NOON);
    assertThat(count.last()).isEqualTo(NOON.plusSeconds(4));
    assertThat(count.samples())
        .extracting(Tally.Sample::messageId)
        .containsExactly("m4", "m3", "m2");
  }

  @Test
  void whatCouldNotBeStoredComesBackBehindWhatIsNewer() {
    Tally older = new Tally();
    older.add(broken("old-1", "a"), NOON);
    older.add(broken("old-2", "a"), NOON.plusSeconds(1));
    older.add(broken("b", "b"), NOON);
    Tally tally = new Tally();
    tally.add(broken("new-1", "a"), NOON.plusSeconds(5));
    tally.add(broken("new-2", "a"), NOON.plusSeconds(6));
    tally.addOlder(older);
    Map<Tally.Key, Tally.Count> counts = tally.plans().values().iterator().next();
    assertThat(counts).hasSize(2);
    Tally.Count count = Objects.requireNonNull(counts.get(new Tally.Key("E", "a", Kind.TYPE)));
    assertThat(count.count()).isEqualTo(4);
    assertThat(count.first()).isEqualTo(NOON);
    assertThat(count.last()).isEqualTo(NOON.plusSeconds(6));
    assertThat(count.samples())
        .extracting(Tally.Sample::messageId)
        .containsExactly("new-2", "new-1", "old-2");
  }

  @Test
  void aPlanHasPlaceForSoManyDifferentViolationsAndNoMore() {
    Tally tally = new Tally();
    for (int i = 0; i < Tally.MAX_KEYS; i++) {
      assertThat(tally.add(broken("m", "f" + i), NOON)).isZero();
    }
    assertThat(tally.add(broken("m", "one more"), NOON)).isEqualTo(1);
    assertThat(tally.add(broken("m", "f0"), NOON)).isZero();
    assertThat(tally.plans().values().iterator().next()).hasSize(Tally.MAX_KEYS);
  }
}
