package io.tributary.conditions;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A condition made ready: paths split, numbers parsed, parts in the order in which they are cheap.
 */
sealed interface Node {

  Condition condition();

  /** Answers as an {@link Outcome}; now in epoch microseconds. */
  long evaluate(Facts facts, long now);

  /** What was found, for an explanation; null for nodes with parts. */
  @Nullable String actual(Facts facts, long now);

  /** The parts, in the condition's order. */
  default List<Node> parts() {
    return List.of();
  }

  private int cost() {
    return switch (this) {
      case Trait _, WithinLast _ -> 0;
      case Segment _ -> 1;
      case Event _ -> 2;
      case Negation _, Junction _ -> 3;
    };
  }

  static Node of(Condition condition) {
    return switch (condition) {
      case And and -> Junction.of(and, and.conditions(), false);
      case Or or -> Junction.of(or, or.conditions(), true);
      case Not not -> new Negation(not, of(not.condition()));
      case TraitCondition trait ->
          trait.test() instanceof ValueTest.Within within
              ? new WithinLast(
                  trait, Path.of(trait.trait()), Windows.micros(within.window()), within.negated())
              : new Trait(trait, Path.of(trait.trait()), ValueMatcher.of(trait.test()));
      case EventCondition event ->
          new Event(event, event.within() == null ? Event.EVER : Windows.micros(event.within()));
      case SegmentCondition segment -> new Segment(segment);
    };
  }

  /**
   * And, or.
   *
   * @param decisive the answer of one part that settles the whole: false for and, true for or
   */
  record Junction(Condition condition, List<Node> parts, List<Node> cheapFirst, boolean decisive)
      implements Node {

    static Junction of(Condition condition, List<Condition> conditions, boolean decisive) {
      List<Node> parts = conditions.stream().map(Node::of).toList();
      List<Node> cheapFirst = new ArrayList<>(parts);
      cheapFirst.sort(Comparator.comparingInt(Node::cost));
      return new Junction(condition, parts, List.copyOf(cheapFirst), decisive);
    }

    /**
     * A settled answer stands until the last of the parts that settle it may flip; another one
     * until the first part may.
     */
    @Override
    public long evaluate(Facts facts, long now) {
      long first = Outcome.NEVER;
      long last = Long.MIN_VALUE;
      for (int i = 0; i < cheapFirst.size(); i++) {
        long outcome = cheapFirst.get(i).evaluate(facts, now);
        long flip = Outcome.flip(outcome);
        if (Outcome.matches(outcome) != decisive) {
          first = Math.min(first, flip);
        } else if (flip == Outcome.NEVER) {
          return outcome;
        } else {
          last = Math.max(last, flip);
        }
      }
      return last == Long.MIN_VALUE ? Outcome.of(!decisive, first) : Outcome.of(decisive, last);
    }

    @Override
    public @Nullable String actual(Facts facts, long now) {
      return null;
    }
  }

  /** Not. */
  record Negation(Not condition, Node part) implements Node {
    @Override
    public long evaluate(Facts facts, long now) {
      return part.evaluate(facts, now) ^ 1;
    }

    @Override
    public @Nullable String actual(Facts facts, long now) {
      return null;
    }

    @Override
    public List<Node> parts() {
      return List.of(part);
    }
  }

  /** A trait's test that the clock can't change. */
  record Trait(TraitCondition condition, Path path, ValueMatcher matcher) implements Node {
    @Override
    public long evaluate(Facts facts, long now) {
      JsonNode value = path.follow(facts.trait(path.root()), 1);
      return Outcome.of(matcher.matches(value), Outcome.NEVER);
    }

    @Override
    public String actual(Facts facts, long now) {
      return written(path.follow(facts.trait(path.root()), 1));
    }
  }

  /** A trait's test for a rolling window. */
  record WithinLast(TraitCondition condition, Path path, long window, boolean negated)
      implements Node {
    @Override
    public long evaluate(Facts facts, long now) {
      JsonNode value = path.follow(facts.trait(path.root()), 1);
      long at = value == null ? Values.NO_DATE : Values.micros(value);
      if (at == Values.NO_DATE) {
        return Outcome.of(negated, Outcome.NEVER);
      }
      if (at > now) {
        return Outcome.of(negated, at);
      }
      boolean inside = at > now - window;
      return Outcome.of(inside != negated, inside ? at + window : Outcome.NEVER);
    }

    @Override
    public String actual(Facts facts, long now) {
      return written(path.follow(facts.trait(path.root()), 1));
    }
  }

  /**
   * How often something was done; {@code window} is {@link #EVER} or its length in microseconds.
   */
  record Event(EventCondition condition, long window) implements Node {

    static final long EVER = -1;

    @Override
    public long evaluate(Facts facts, long now) {
      Occurrences occurrences = facts.occurrences(condition.pattern());
      int future = occurrences.future(now);
      int inWindow = inWindow(occurrences, future, now, condition.count().keep());
      boolean ever = occurrences.size() > future;
      long flip = future == 0 ? Outcome.NEVER : occurrences.at(future - 1);
      return Outcome.of(
          condition.count().accepts(inWindow, ever),
          Math.min(flip, nextExpiry(occurrences, future, inWindow)));
    }

    /** Counts up to {@code most}, more of which decide nothing. */
    private int inWindow(Occurrences occurrences, int future, long now, int most) {
      int limit = Math.min(occurrences.size() - future, most);
      if (window == EVER) {
        return limit;
      }
      int count = 0;
      while (count < limit && occurrences.at(future + count) > now - window) {
        count++;
      }
      return count;
    }

    /**
     * The comparison changes when the count falls below keep(), and for "exactly" also below the
     * number itself.
     */
    private long nextExpiry(Occurrences occurrences, int future, int inWindow) {
      EventCount count = condition.count();
      boolean exactly = count.operator() == EventCount.Operator.EXACTLY;
      int threshold = exactly && inWindow == count.value() ? inWindow : count.keep();
      return window == EVER || threshold == 0 || inWindow < threshold
          ? Outcome.NEVER
          : occurrences.at(future + threshold - 1) + window;
    }

    @Override
    public String actual(Facts facts, long now) {
      Occurrences occurrences = facts.occurrences(condition.pattern());
      int future = occurrences.future(now);
      int found = inWindow(occurrences, future, now, Integer.MAX_VALUE);
      String more = found >= condition.count().keep() ? "at least " : "";
      return occurrences.size() == future
          ? "never"
          : more + found + " times, last " + Values.instant(occurrences.at(future));
    }
  }

  /** Membership of another segment. */
  record Segment(SegmentCondition condition) implements Node {
    @Override
    public long evaluate(Facts facts, long now) {
      boolean member = facts.memberOf(condition.segmentId());
      return Outcome.of(member == condition.member(), Outcome.NEVER);
    }

    @Override
    public String actual(Facts facts, long now) {
      return facts.memberOf(condition.segmentId()) ? "member" : "not a member";
    }
  }

  private static String written(@Nullable JsonNode value) {
    return Values.isMissing(value) || value == null ? "missing" : value.toString();
  }
}
