package io.tributary.conditions;

import java.util.List;
import java.util.stream.Collectors;

/** Says conditions in plain English. */
final class Describer {

  private Describer() {}

  static String describe(Condition condition) {
    return switch (condition) {
      case And and -> joined(and.conditions(), " and ");
      case Or or -> joined(or.conditions(), " or ");
      case Not not -> "not (" + describe(not.condition()) + ")";
      case TraitCondition(String trait, ValueTest test) -> trait + " " + describe(test);
      case EventCondition event -> event(event);
      case SegmentCondition(String segmentId, boolean member) ->
          (member ? "is a member of " : "is not a member of ") + segmentId;
    };
  }

  private static String joined(List<Condition> conditions, String word) {
    if (conditions.size() == 1) {
      return describe(conditions.getFirst());
    }
    return conditions.stream()
        .map(part ->
            part instanceof And || part instanceof Or ? "(" + describe(part) + ")" : describe(part))
        .collect(Collectors.joining(word));
  }

  private static String event(EventCondition condition) {
    EventCount count = condition.count();
    String window =
        condition.within() == null
            ? ""
            : " within the last " + WindowUnit.describe(condition.within());
    String pattern = pattern(condition.pattern());
    if (count.equals(EventCount.NOT_PERFORMED)) {
      return "did not perform " + pattern + window;
    }
    if (count.equals(EventCount.PERFORMED)) {
      return "performed " + pattern + window;
    }
    String never =
        !count.acceptsZero()
            ? ""
            : count.includeNever() ? ", or never" : ", and at least once ever";
    return "performed "
        + pattern
        + " "
        + words(count.operator().wireName())
        + " "
        + count.value()
        + (count.value() == 1 ? " time" : " times")
        + window
        + never;
  }

  private static String pattern(EventPattern pattern) {
    String name =
        pattern.name() == null ? "any " + pattern.type().wireName() : quoted(pattern.name());
    String kind =
        pattern.name() == null || pattern.type() == EventType.TRACK
            ? name
            : pattern.type().wireName() + " " + name;
    return pattern.where().isEmpty()
        ? kind
        : kind
            + " (where "
            + pattern.where().stream()
                .map(filter -> filter.property() + " " + describe(filter.test()))
                .collect(Collectors.joining(" and "))
            + ")";
  }

  private static String describe(ValueTest test) {
    return switch (test) {
      case ValueTest.Equals(Literal value, boolean negated) ->
          (negated ? "does not equal " : "equals ") + literal(value);
      case ValueTest.In(List<Literal> values, boolean negated) ->
          (negated ? "is none of " : "is one of ")
              + values.stream().map(Describer::literal).collect(Collectors.joining(", "));
      case ValueTest.Contains(Literal value, boolean negated) ->
          (negated ? "does not contain " : "contains ") + literal(value);
      case ValueTest.Exists(boolean negated) -> negated ? "is missing" : "exists";
      case ValueTest.Compared compared ->
          "is " + words(compared.comparison().wireName()) + " " + compared.number().toPlainString();
      case ValueTest.Dated dated ->
          "is " + (dated.before() ? "before " : "after ") + dated.moment();
      case ValueTest.Within within ->
          (within.negated() ? "is not within the last " : "is within the last ")
              + WindowUnit.describe(within.window());
    };
  }

  private static String words(String wireName) {
    return wireName.replace('_', ' ');
  }

  private static String literal(Literal literal) {
    return literal instanceof Literal.Text ? quoted(literal.text()) : literal.text();
  }

  private static String quoted(String text) {
    return "“" + text + "”";
  }
}
