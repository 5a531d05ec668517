package io.tributary.segment.membership;

import io.tributary.conditions.Evaluation;
import io.tributary.conditions.EventPattern;
import io.tributary.conditions.Facts;
import io.tributary.conditions.Occurrences;
import io.tributary.event.SegmentChange.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The standings of one profile while they are decided about. */
final class Pass implements Facts {
  private final Definitions definitions;
  private final ProfileState state;
  private final Map<String, Standing> standings;
  private final Map<String, Standing> changed = new TreeMap<>();
  private final List<Transition> transitions = new ArrayList<>();

  Pass(Definitions definitions, ProfileState state) {
    this.definitions = definitions;
    this.state = state;
    this.standings = new HashMap<>(state.standings());
  }

  /**
   * Decides about the segments with a cause, and on the way about those that follow.
   *
   * @param now the moment for all but those that are due
   * @param due the moment for those that are due at it; null when facts are the cause
   * @param at when the crossings happened
   */
  void run(Map<String, Cause> causes, Instant now, @Nullable Instant due, Instant at) {
    Map<String, Cause> open = new HashMap<>(causes);
    for (String segmentId : definitions.order()) {
      Cause cause = open.remove(segmentId);
      Definition definition = definitions.find(segmentId);
      if (cause == null || definition == null || definition.live() == null) {
        continue;
      }
      Standing standing = standings.get(segmentId);
      Instant moment =
          due != null && standing != null && due.equals(standing.dueAt())
              ? due
              : Crossings.momentFor(standing, now);
      Evaluation found = definition.live().evaluate(this, moment);
      if (settle(definition, standing, found, cause, due == null ? moment : at, due == null)) {
        definitions.dependents(segmentId).forEach(next -> open.putIfAbsent(next, cause));
      }
    }
    // What is left is of no segment in effect: nobody waits for its due time any more.
    open.keySet().forEach(this::forgetDue);
  }

  private boolean settle(
      Definition definition,
      @Nullable Standing before,
      Evaluation found,
      Cause cause,
      Instant at,
      boolean isByFacts) {
    boolean wasMember = before != null && before.member();
    boolean crosses = found.matches() != wasMember;
    if (before == null && !crosses && found.nextFlip() == null) {
      return false;
    }
    boolean keepsDue = isByFacts && !crosses && before != null && isEarlyEnough(before, found);
    Standing after =
        new Standing(
            definition.segmentId(),
            found.matches(),
            crosses || before == null ? at : before.since(),
            before == null ? 1 : before.version() + 1,
            definition.version(),
            keepsDue && before != null ? before.dueAt() : found.nextFlip(),
            crosses || before == null ? cause.reason() : before.reason());
    if (before == null || !isSame(before, after)) {
      put(after);
    }
    if (crosses) {
      transitions.add(
          new Transition(
              definition.segmentId(),
              definition.version(),
              Crossings.crossing(found.matches()),
              at,
              cause));
    }
    return crosses;
  }

  /**
   * A due time may be too early, never too late. So one that only moves on is left as it is: its
   * timer finds the new one, and an event that merely prolongs a membership writes nothing.
   */
  private static boolean isEarlyEnough(Standing before, Evaluation found) {
    return before.dueAt() != null
        && (found.nextFlip() == null || !found.nextFlip().isBefore(before.dueAt()));
  }

  private static boolean isSame(Standing before, Standing after) {
    return before.member() == after.member()
        && before.segmentVersion() == after.segmentVersion()
        && Objects.equals(before.dueAt(), after.dueAt());
  }

  void end(Standing before, Cause cause, Instant at) {
    if (!before.member()) {
      forgetDue(before.segmentId());
      return;
    }
    put(
        new Standing(
            before.segmentId(),
            false,
            at,
            before.version() + 1,
            before.segmentVersion(),
            null,
            cause.reason()));
    transitions.add(
        new Transition(
            before.segmentId(), before.segmentVersion(), Crossings.crossing(false), at, cause));
  }

  private void forgetDue(String segmentId) {
    Standing before = standings.get(segmentId);
    if (before != null && before.dueAt() != null) {
      put(
          new Standing(
              segmentId,
              before.member(),
              before.since(),
              before.version() + 1,
              before.segmentVersion(),
              null,
              before.reason()));
    }
  }

  private void put(Standing standing) {
    standings.put(standing.segmentId(), standing);
    changed.put(standing.segmentId(), standing);
  }

  @Nullable Instant earliestDue() {
    Instant earliest = null;
    for (Standing standing : standings.values()) {
      Instant due = standing.dueAt();
      if (due != null && (earliest == null || due.isBefore(earliest))) {
        earliest = due;
      }
    }
    return earliest;
  }

  Map<String, Cause> dueAt(Instant due) {
    Map<String, Cause> causes = new TreeMap<>();
    standings.values().stream()
        .filter(standing -> due.equals(standing.dueAt()))
        .forEach(standing -> causes.put(standing.segmentId(), Cause.of(Reason.TIME)));
    return causes;
  }

  Decision decision() {
    return new Decision(transitions, List.copyOf(changed.values()));
  }

  @Override
  public @Nullable JsonNode trait(String key) {
    return state.traits().get(key);
  }

  @Override
  public Occurrences occurrences(EventPattern pattern) {
    return state.occurrences().getOrDefault(pattern.id(), Occurrences.NONE);
  }

  @Override
  public boolean memberOf(String segmentId) {
    Standing standing = standings.get(segmentId);
    return standing != null && standing.member();
  }
}
