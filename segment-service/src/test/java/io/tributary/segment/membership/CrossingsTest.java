package io.tributary.segment.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.conditions.CompiledCondition;
import io.tributary.conditions.ConditionParser;
import io.tributary.conditions.EventPattern;
import io.tributary.conditions.Occurrences;
import io.tributary.conditions.Parsed;
import io.tributary.event.Json;
import io.tributary.event.SegmentChange.Crossing;
import io.tributary.event.SegmentChange.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CrossingsTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final String BOUGHT =
      "{\"type\":\"event\",\"event\":\"Buy\",\"performed\":true,\"within\":{\"hours\":1}}";
  private static final String PLAN =
      "{\"type\":\"trait\",\"trait\":\"plan\",\"operator\":\"exists\"}";
  private static final Cause EVENT = new Cause(Reason.EVENT, "m1");

  private static Definition segment(String id, String json) {
    return switch (ConditionParser.parse(json.getBytes(StandardCharsets.UTF_8))) {
      case Parsed.Valid(var condition) ->
          new Definition(id, 1, CompiledCondition.of(condition), null);
      case Parsed.Invalid(var problems) -> throw new IllegalArgumentException(problems.toString());
    };
  }

  private static Definitions definitions(Definition... all) {
    return new Definitions(List.of(all));
  }

  private static ProfileState state(String traits, List<Instant> bought, Standing... standings) {
    long[] times = bought.stream().mapToLong(at -> at.toEpochMilli() * 1000).toArray();
    return new ProfileState(
        Json.MAPPER.readTree(traits),
        Map.of(EventPattern.track("Buy").id(), Occurrences.of(times)),
        java.util.Arrays.stream(standings)
            .collect(java.util.stream.Collectors.toMap(Standing::segmentId, one -> one)));
  }

  private static Standing member(String id, @Nullable Instant due) {
    return new Standing(id, true, NOW.minusSeconds(60), 7, 1, due, Reason.EVENT);
  }

  @Test
  void whoMatchesEntersWithTheDueTimeOfItsWindow() {
    Decision decision =
        Crossings.decide(
            definitions(segment("seg_a", BOUGHT)),
            state("{}", List.of(NOW)),
            Map.of("seg_a", EVENT),
            NOW);
    assertThat(decision.transitions())
        .containsExactly(new Transition("seg_a", 1, Crossing.ENTERED, NOW, EVENT));
    assertThat(decision.changed())
        .containsExactly(
            new Standing("seg_a", true, NOW, 1, 1, NOW.plus(Duration.ofHours(1)), Reason.EVENT));
  }

  @Test
  void whoIsNoMemberAndWaitsForNothingGetsNoRow() {
    assertThat(
            Crossings.decide(
                    definitions(segment("seg_a", BOUGHT)),
                    state("{}", List.of()),
                    Map.of("seg_a", EVENT),
                    NOW)
                .isEmpty())
        .isTrue();
  }

  @Test
  void aMemberThatStaysWithTheSameDueTimeIsNotWrittenAgain() {
    assertThat(
            Crossings.decide(
                    definitions(segment("seg_a", BOUGHT)),
                    state(
                        "{}",
                        List.of(NOW.minusSeconds(60)),
                        member("seg_a", NOW.plusSeconds(3540))),
                    Map.of("seg_a", EVENT),
                    NOW)
                .isEmpty())
        .isTrue();
  }

  @Test
  void anEventThatOnlyProlongsAMembershipWritesNothing() {
    assertThat(
            Crossings.decide(
                    definitions(segment("seg_a", BOUGHT)),
                    state(
                        "{}",
                        List.of(NOW, NOW.minusSeconds(60)),
                        member("seg_a", NOW.plusSeconds(3540))),
                    Map.of("seg_a", EVENT),
                    NOW)
                .isEmpty())
        .isTrue();
  }

  @Test
  void aSegmentWithoutACauseIsNotLookedAt() {
    assertThat(
            Crossings.decide(
                    definitions(segment("seg_a", BOUGHT)), state("{}", List.of(NOW)), Map.of(), NOW)
                .isEmpty())
        .isTrue();
  }

  @Test
  void factsDoNotActForAClockWhoseTimerHasNotFired() {
    Instant due = NOW.minusSeconds(10);
    Decision decision =
        Crossings.decide(
            definitions(segment("seg_a", BOUGHT)),
            state("{}", List.of(due.minus(Duration.ofHours(1))), member("seg_a", due)),
            Map.of("seg_a", EVENT),
            NOW);
    assertThat(decision.transitions()).isEmpty();
  }

  @Test
  void theTimerLeavesAtTheDueMoment() {
    Instant due = NOW.minusSeconds(10);
    Decision decision =
        Crossings.expire(
            definitions(segment("seg_a", BOUGHT)),
            state("{}", List.of(due.minus(Duration.ofHours(1))), member("seg_a", due)),
            NOW,
            NOW);
    assertThat(decision.transitions())
        .containsExactly(new Transition("seg_a", 1, Crossing.EXITED, due, Cause.of(Reason.TIME)));
  }

  @Test
  void aTimerThatFindsNewerFactsMovesOnWithoutACrossing() {
    Instant due = NOW.minusSeconds(10);
    Decision decision =
        Crossings.expire(
            definitions(segment("seg_a", BOUGHT)),
            state(
                "{}",
                List.of(due.minusSeconds(60), due.minus(Duration.ofHours(1))),
                member("seg_a", due)),
            NOW,
            NOW);
    assertThat(decision.transitions()).isEmpty();
    assertThat(decision.changed())
        .extracting(Standing::dueAt)
        .containsExactly(due.minusSeconds(60).plus(Duration.ofHours(1)));
  }

  @Test
  void theDueTimeOfAnUnknownSegmentIsForgotten() {
    Decision decision =
        Crossings.expire(
            Definitions.NONE,
            state("{}", List.of(), member("seg_gone", NOW.minusSeconds(1))),
            NOW,
            NOW);
    assertThat(decision.transitions()).isEmpty();
    assertThat(decision.changed()).singleElement().extracting(Standing::dueAt).isNull();
  }

  @Test
  void dependentsFollowInOnePassWhateverTheOrderOfTheirNames() {
    Definitions definitions =
        definitions(
            segment("seg_a", "{\"type\":\"segment\",\"segmentId\":\"seg_z\",\"member\":true}"),
            segment("seg_z", PLAN));
    Decision decision =
        Crossings.decide(
            definitions, state("{\"plan\":\"x\"}", List.of()), Map.of("seg_z", EVENT), NOW);
    assertThat(decision.transitions())
        .extracting(Transition::segmentId)
        .containsExactly("seg_z", "seg_a");
    assertThat(decision.transitions()).extracting(Transition::cause).containsOnly(EVENT);
  }

  @Test
  void whoIsAbsorbedLeavesWhatItIsIn() {
    Decision decision =
        Crossings.leave(
            state("{}", List.of(), member("seg_a", NOW.plusSeconds(5)), member("seg_b", null)),
            Reason.MERGE,
            NOW);
    assertThat(decision.transitions()).hasSize(2);
    assertThat(decision.changed()).noneMatch(one -> one.member() || one.dueAt() != null);
  }

  @Test
  void anEventIsLookedUpByItsNameAndATraitByItsKey() {
    Definitions definitions =
        definitions(
            segment("seg_a", BOUGHT),
            segment("seg_b", PLAN),
            segment("seg_c", "{\"type\":\"segment\",\"segmentId\":\"seg_b\",\"member\":false}"));
    assertThat(definitions.patternsFor("track", "Sell")).isEmpty();
    assertThat(definitions.patternsFor("track", "Buy")).hasSize(1);
    assertThat(definitions.byTrait("plan")).containsExactly("seg_b");
    assertThat(definitions.withDependents(Set.of("seg_b"))).containsExactly("seg_b", "seg_c");
  }
}
