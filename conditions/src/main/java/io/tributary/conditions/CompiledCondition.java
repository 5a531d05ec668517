package io.tributary.conditions;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** A condition made ready to be evaluated often. Immutable and safe for all threads. */
public final class CompiledCondition {

  private final Condition condition;
  private final Node root;
  private final SortedSet<String> traitKeys = new TreeSet<>();
  private final SortedSet<String> segmentIds = new TreeSet<>();
  private final List<KeptPattern> patterns;
  private final boolean timeDependent;

  private CompiledCondition(Condition condition) {
    this.condition = condition;
    this.root = Node.of(condition);
    Map<String, KeptPattern> kept = new TreeMap<>();
    this.timeDependent = collect(root, kept);
    this.patterns = List.copyOf(kept.values());
  }

  /** Prepares a condition. */
  public static CompiledCondition of(Condition condition) {
    return new CompiledCondition(condition);
  }

  /** The condition this was made of. */
  public Condition condition() {
    return condition;
  }

  /** The top-level keys of all traits it looks at, sorted. */
  public Set<String> traitKeys() {
    return Collections.unmodifiableSortedSet(traitKeys);
  }

  /**
   * The event patterns it needs occurrences of, one per pattern with the most that any of its
   * counts needs, sorted by id.
   */
  public List<KeptPattern> patterns() {
    return patterns;
  }

  /** The segments it refers to, sorted. */
  public Set<String> segmentIds() {
    return Collections.unmodifiableSortedSet(segmentIds);
  }

  /**
   * Whether the clock alone may change the answer: it has a rolling window, or an event whose time
   * lies ahead may come to pass.
   */
  public boolean isTimeDependent() {
    return timeDependent;
  }

  /** Decides about a profile as of now. */
  public Evaluation evaluate(Facts facts, Instant now) {
    long outcome = root.evaluate(facts, Values.micros(now));
    return new Evaluation(Outcome.matches(outcome), Outcome.nextFlip(outcome));
  }

  /** Decides as {@link #evaluate} does and says why. */
  public Explanation explain(Facts facts, Instant now) {
    return explain(root, facts, Values.micros(now));
  }

  private static Explanation explain(Node node, Facts facts, long now) {
    long outcome = node.evaluate(facts, now);
    return new Explanation(
        node.condition().describe(),
        Outcome.matches(outcome),
        Outcome.nextFlip(outcome),
        node.actual(facts, now),
        node.parts().stream().map(part -> explain(part, facts, now)).toList());
  }

  /** Notes what the node looks at; answers whether the clock may change it. */
  private boolean collect(Node node, Map<String, KeptPattern> kept) {
    return switch (node) {
      case Node.Trait trait -> {
        traitKeys.add(trait.path().root());
        yield false;
      }
      case Node.WithinLast within -> {
        traitKeys.add(within.path().root());
        yield true;
      }
      case Node.Event event -> {
        EventPattern pattern = event.condition().pattern();
        kept.merge(
            pattern.id(),
            new KeptPattern(pattern, event.condition().keep()),
            (a, b) -> a.keep() >= b.keep() ? a : b);
        yield true;
      }
      case Node.Segment segment -> {
        segmentIds.add(segment.condition().segmentId());
        yield false;
      }
      case Node.Junction _, Node.Negation _ -> {
        boolean timeDependent = false;
        for (Node part : node.parts()) {
          timeDependent |= collect(part, kept);
        }
        yield timeDependent;
      }
    };
  }
}
