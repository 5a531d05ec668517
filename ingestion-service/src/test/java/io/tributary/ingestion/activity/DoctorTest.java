package io.tributary.ingestion.activity;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingestion.activity.Figures.Counts;
import io.tributary.ingestion.activity.Figures.Ever;
import io.tributary.ingestion.activity.Figures.Hour;
import io.tributary.ingestion.activity.Figures.Item;
import io.tributary.ingestion.activity.Figures.Origin;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What figures tell: cases, each with the codes that are told. */
class DoctorTest {
  private static final Instant NOW = Instant.parse("2026-03-12T15:30:00Z");
  private static final Instant LONG_AGO = NOW.minus(Duration.ofDays(60));

  /** Figures of a source that is well, but for what is said. */
  static final class Case {
    private boolean enabled = true;
    private @Nullable Ever ever = new Ever(1000, 0, LONG_AGO, NOW.minus(1, ChronoUnit.MINUTES));
    private final Map<Counter, Long> day = new EnumMap<>(Counter.class);
    private final List<Hour> hours = new ArrayList<>();
    private final Map<Kind, List<Item>> names = new EnumMap<>(Kind.class);
    private final List<Figures.Key> keys = new ArrayList<>();

    Case() {
      day.put(Counter.ACCEPTED, 1000L);
      day.put(Counter.REQUESTS, 1000L);
    }

    Case count(Counter counter, long count) {
      day.put(counter, count);
      return this;
    }

    Case name(Kind kind, String name, String detail, long recent) {
      names
          .computeIfAbsent(kind, _ -> new ArrayList<>())
          .add(new Item(name, detail, recent + 5, recent, LONG_AGO, NOW));
      return this;
    }

    Case off() {
      enabled = false;
      return this;
    }

    /** Only so many hours ago something came. */
    Case came(int... hoursAgo) {
      day.clear();
      for (int ago : hoursAgo) {
        hours.add(
            new Hour(
                NOW.truncatedTo(ChronoUnit.HOURS).minus(ago, ChronoUnit.HOURS),
                new Counts(Map.of(Counter.ACCEPTED, 1L))));
      }
      ever = new Ever(1, 0, LONG_AGO, hours.getLast().hour());
      return this;
    }

    Case never() {
      day.clear();
      ever = null;
      return this;
    }

    /** A valid key, made 30 days ago, the one after the other. */
    Case key(String id, @Nullable Duration lastUsedAgo) {
      return key(id, Duration.ofDays(30), lastUsedAgo);
    }

    Case key(String id, Duration madeAgo, @Nullable Duration lastUsedAgo) {
      Instant used = lastUsedAgo == null ? null : NOW.minus(lastUsedAgo);
      keys.add(new Figures.Key(id, NOW.minus(madeAgo), null, used == null ? 0 : 9, 0, used));
      return this;
    }

    Case turnedAway(String id, boolean revoked, long count) {
      Instant at = revoked ? NOW.minus(Duration.ofDays(3)) : null;
      keys.add(new Figures.Key(id, LONG_AGO, at, count, count, count == 0 ? null : NOW));
      return this;
    }

    Figures figures() {
      if (!day.isEmpty()) {
        hours.add(new Hour(NOW.truncatedTo(ChronoUnit.HOURS), new Counts(day)));
      }
      return new Figures(new Origin("src_1", enabled, LONG_AGO), ever, hours, names, keys);
    }

    List<Finding> findings() {
      return Doctor.findings(figures(), NOW);
    }
  }

  private static int[] back(int from, int to) {
    return IntStream.iterate(from, ago -> ago >= to, ago -> ago - 1).toArray();
  }

  private static Arguments told(String told, Case found) {
    return Arguments.of(told, found);
  }

  static Stream<Arguments> cases() {
    return Stream.of(
        told("", new Case()),
        told("nothing_yet", new Case().never()),
        // The share counts, and only from 20 events on.
        told("", new Case().count(Counter.REFUSED, 10)),
        told("many_refused", new Case().count(Counter.REFUSED, 11)),
        told("", new Case().count(Counter.ACCEPTED, 9).count(Counter.REFUSED, 10)),
        told("many_refused", new Case().count(Counter.ACCEPTED, 0).count(Counter.REFUSED, 20)),
        told(
            "requests_refused",
            new Case().count(Counter.REFUSED_REQUESTS, 11).name(Kind.REQUEST, "x", "", 11)),
        told("", new Case().count(Counter.REFUSED_REQUESTS, 10).name(Kind.REQUEST, "x", "", 10)),
        told("many_retries", new Case().count(Counter.RETRIED_REQUESTS, 51)),
        told("", new Case().count(Counter.RETRIED_REQUESTS, 50)),
        // Of those that say when they were sent.
        told("clock_off", new Case().count(Counter.CLOCK_OFF, 51)),
        told("", new Case().count(Counter.CLOCK_OFF, 50)),
        told(
            "clock_off",
            new Case().count(Counter.WITHOUT_SENT_AT, 900).count(Counter.CLOCK_OFF, 6)),
        told("", new Case().count(Counter.WITHOUT_SENT_AT, 990).count(Counter.CLOCK_OFF, 10)),
        told("in_future", new Case().count(Counter.IN_FUTURE, 11)),
        told("", new Case().count(Counter.IN_FUTURE, 10)),
        // Silence is measured by the source's own rhythm.
        told("", new Case().came(back(30, 1))),
        told("silent", new Case().came(back(30, 2))),
        told("", new Case().came(back(12, 2))),
        told("", new Case().came(40, 39, 38, 37, 36, 35, 34, 33, 24, 23, 22, 21, 16)),
        told("silent", new Case().came(72, 71, 70, 69, 68, 67, 66, 65, 56, 55, 54, 53, 44)),
        // An SDK is old where we know its newest major, or a newer one sends as well.
        told("", new Case().name(Kind.LIBRARY, "@segment/analytics-node", "3.1.0", 5)),
        told("old_library", new Case().name(Kind.LIBRARY, "@segment/analytics-node", "2.1.3", 5)),
        told("", new Case().name(Kind.LIBRARY, "@segment/analytics-node", "2.1.3", 0)),
        told("", new Case().name(Kind.LIBRARY, "analytics.js", "npm:next-1.84.3", 5)),
        told("old_library", new Case().name(Kind.LIBRARY, "analytics.js", "4.2.2", 5)),
        told("", new Case().name(Kind.LIBRARY, "own", "1.0", 5)),
        told(
            "old_library",
            new Case().name(Kind.LIBRARY, "own", "v1.9", 5).name(Kind.LIBRARY, "own", "2.0", 1)),
        told(
            "",
            new Case().name(Kind.LIBRARY, "own", "latest", 5).name(Kind.LIBRARY, "own", "2", 1)),
        told("", new Case().name(Kind.LIBRARY, "own", "99999999999999", 5)),
        // Keys.
        told("", new Case().key("wk_a", Duration.ofDays(3))),
        told(
            "rotation_can_be_finished",
            new Case().key("wk_a", Duration.ofHours(25)).key("wk_b", Duration.ofHours(1))),
        told("rotation_can_be_finished", new Case().key("wk_a", null).key("wk_b", Duration.ZERO)),
        told("", new Case().key("wk_a", Duration.ofHours(23)).key("wk_b", Duration.ofHours(1))),
        told("newer_key_unused", new Case().key("wk_a", Duration.ofHours(1)).key("wk_b", null)),
        told(
            "", new Case().key("wk_a", Duration.ofHours(1)).key("wk_b", Duration.ofHours(2), null)),
        told("", new Case().key("wk_a", null).key("wk_b", null)),
        told("revoked_key_used", new Case().turnedAway("wk_a", true, 1)),
        told("source_off", new Case().off().turnedAway("wk_a", false, 1)),
        told("", new Case().off().turnedAway("wk_a", false, 0)),
        told("", new Case().turnedAway("wk_a", false, 3)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void figuresTellThisAndNothingElse(String told, Case found) {
    assertThat(found.findings())
        .extracting(Finding::code)
        .isEqualTo(told.isEmpty() ? List.of() : List.of(told));
    assertThat(found.findings())
        .allSatisfy(finding -> {
          assertThat(finding.message()).isNotBlank();
          assertThat(finding.action()).isNotBlank();
        });
  }

  @Test
  void theWorstIsToldFirstWithItsNumbersAndItsTopReason() {
    List<Finding> findings =
        new Case()
            .count(Counter.REFUSED, 250)
            .name(Kind.REASON, "invalid_time", "", 40)
            .name(Kind.REASON, "required", "", 210)
            .key("wk_a", null)
            .key("wk_b", Duration.ZERO)
            .findings();
    assertThat(findings)
        .extracting(Finding::severity)
        .containsExactly(Finding.Severity.ERROR, Finding.Severity.INFO);
    assertThat(findings.getFirst().message())
        .isEqualTo(
            "20 % of the events of the last 24 hours were refused, 250 of 1250, most of all for required (210).");
    assertThat(findings.getLast().message())
        .isEqualTo(
            "The older write key wk_a hasn't been used for seven days; the newer one, wk_b, has.");
  }

  @Test
  void whatIsOlderThanADayIsNoLongerToldOf() {
    Case mended = new Case();
    mended.hours.add(
        new Hour(
            NOW.truncatedTo(ChronoUnit.HOURS).minus(24, ChronoUnit.HOURS),
            new Counts(Map.of(Counter.REFUSED, 5000L))));
    assertThat(mended.findings()).isEmpty();
  }

  @Test
  void aClockIsToldWithHowFarItIsOffAndWhichWay() {
    Finding finding =
        new Case()
            .count(Counter.CLOCK_OFF, 1000)
            .name(Kind.SKEW, String.valueOf(Skew.bucket(-3_600_000)), "", 900)
            .name(Kind.SKEW, String.valueOf(Skew.bucket(-400L * 24 * 3_600_000)), "", 1)
            .findings()
            .getFirst();
    assertThat(finding.message())
        .contains("about 61 minutes ahead in the middle")
        .contains("ahead at worst");
  }
}
