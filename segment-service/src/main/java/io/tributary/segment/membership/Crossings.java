package io.tributary.segment.membership;

import io.tributary.conditions.CompiledCondition;
import io.tributary.conditions.Explanation;
import io.tributary.event.SegmentChange.Crossing;
import io.tributary.event.SegmentChange.Reason;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides who enters and leaves.
 *
 * <p>What the clock does and what new facts do are kept apart: a standing whose due time has passed
 * waits for {@link #expire}, and until then facts are judged as of the moment just before. So a
 * pipeline that lags behind never makes somebody leave whose event is still on the way, and each
 * crossing is seen, in order.
 */
public final class Crossings {
  /** A profile that crosses more often at one go is continued at the next tick. */
  private static final int MAX_ROUNDS = 100;

  private Crossings() {}

  /**
   * New facts are known: decides about the given segments and about those that follow from them.
   *
   * @param causes the segments that could be touched, each with the reason
   */
  public static Decision decide(
      Definitions definitions, ProfileState state, Map<String, Cause> causes, Instant now) {
    Pass pass = new Pass(definitions, state);
    pass.run(causes, now, null, now);
    return pass.decision();
  }

  /**
   * All events up to {@code until} are known: decides what the clock did until then, each as of its
   * own due moment, in order.
   *
   * @param now for the segments that follow from a crossing
   */
  public static Decision expire(
      Definitions definitions, ProfileState state, Instant until, Instant now) {
    Pass pass = new Pass(definitions, state);
    for (int round = 0; round < MAX_ROUNDS; round++) {
      Instant due = pass.earliestDue();
      if (due == null || due.isAfter(until)) {
        break;
      }
      pass.run(pass.dueAt(due), now, due, due);
    }
    return pass.decision();
  }

  /** The profile is no more one of its own: it leaves everything. */
  public static Decision leave(ProfileState state, Reason reason, Instant now) {
    Pass pass = new Pass(Definitions.NONE, state);
    new TreeMap<>(state.standings())
        .values()
        .forEach(standing -> pass.end(standing, Cause.of(reason), now));
    return pass.decision();
  }

  /** A segment has gone: its members leave. */
  public static Decision leave(
      ProfileState state, Collection<String> segmentIds, Reason reason, Instant now) {
    Pass pass = new Pass(Definitions.NONE, state);
    for (String segmentId : segmentIds) {
      Standing standing = state.standings().get(segmentId);
      if (standing != null) {
        pass.end(standing, Cause.of(reason), now);
      }
    }
    return pass.decision();
  }

  /** Says why a segment in effect holds the profile or doesn't; empty when there is no such one. */
  public static Optional<Explanation> explain(
      Definitions definitions, ProfileState state, String segmentId, Instant now) {
    Definition definition = definitions.find(segmentId);
    CompiledCondition live = definition == null ? null : definition.live();
    return live == null
        ? Optional.empty()
        : Optional.of(live.explain(new Pass(definitions, state), now));
  }

  static Instant momentFor(@Nullable Standing standing, Instant now) {
    if (standing == null || standing.dueAt() == null || standing.dueAt().isAfter(now)) {
      return now;
    }
    return standing.dueAt().minusNanos(1_000);
  }

  static Crossing crossing(boolean member) {
    return member ? Crossing.ENTERED : Crossing.EXITED;
  }
}
