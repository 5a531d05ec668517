package io.tributary.ingestion.governance;

import io.tributary.ingestion.accept.Verdict;
import io.tributary.ingestion.plan.Kind;
import io.tributary.ingestion.plan.Plan;
import io.tributary.ingestion.plan.Violation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;

/**
 * Violations that were counted and aren't stored yet, bounded for each plan. Not safe for use by
 * several threads.
 */
final class Tally {
  /** Different violations of one plan that are told apart between two flushes. */
  static final int MAX_KEYS = 500;

  /** Samples that are kept of a violation. */
  static final int MAX_SAMPLES = 3;

  private final Map<PlanKey, Map<Key, Count>> plans = new HashMap<>();

  /** A plan of a workspace. */
  record PlanKey(String workspaceId, String planId) {}

  /** Which violations are counted as one. */
  record Key(String event, String field, Kind kind) {}

  /**
   * An event that a violation was found in.
   *
   * @param found the JSON type of what stood there, or missing
   */
  record Sample(String messageId, String found) {}

  /**
   * How often a violation was found.
   *
   * @param version the latest version that found it
   * @param samples the latest first
   */
  record Count(long version, long count, Instant first, Instant last, List<Sample> samples) {
    Count plus(Count later) {
      List<Sample> all = new ArrayList<>(later.samples);
      all.addAll(samples);
      return new Count(
          Math.max(version, later.version),
          count + later.count,
          first.isBefore(later.first) ? first : later.first,
          last.isAfter(later.last) ? last : later.last,
          List.copyOf(all.subList(0, Math.min(MAX_SAMPLES, all.size()))));
    }
  }

  /**
   * Counts what was found in one event.
   *
   * @return how many violations found no place any more
   */
  int add(Verdict verdict, Instant now) {
    Plan plan = verdict.source().plan();
    if (plan == null) {
      return 0;
    }
    String messageId =
        switch (verdict) {
          case Verdict.Accepted accepted -> accepted.draft().messageId();
          case Verdict.Rejected rejected -> rejected.messageId();
        };
    PlanKey key = new PlanKey(verdict.source().workspaceId(), plan.id());
    int left = 0;
    for (Violation violation : verdict.violations()) {
      List<Sample> samples =
          messageId == null ? List.of() : List.of(new Sample(messageId, violation.found()));
      Key of = new Key(violation.event(), violation.field(), violation.kind());
      Count one = new Count(plan.version(), 1, now, now, samples);
      left += add(key, of, one, Count::plus) ? 0 : 1;
    }
    return left;
  }

  /** Counts what stood in another tally, which is older. */
  void addOlder(Tally older) {
    older.plans.forEach((plan, counts) ->
        counts.forEach((key, count) -> add(plan, key, count, (later, it) -> it.plus(later))));
  }

  boolean isEmpty() {
    return plans.isEmpty();
  }

  Map<PlanKey, Map<Key, Count>> plans() {
    return plans;
  }

  private boolean add(PlanKey plan, Key key, Count count, BinaryOperator<Count> sum) {
    Map<Key, Count> counts = plans.computeIfAbsent(plan, _ -> new HashMap<>());
    if (counts.size() >= MAX_KEYS && !counts.containsKey(key)) {
      return false;
    }
    counts.merge(key, count, sum);
    return true;
  }
}
