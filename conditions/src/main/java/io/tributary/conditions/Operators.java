package io.tributary.conditions;

import java.util.List;

/** The operators' names in JSON. */
final class Operators {

  static final List<String> NAMES =
      List.of(
          "equals",
          "not_equals",
          "in",
          "not_in",
          "contains",
          "not_contains",
          "exists",
          "not_exists",
          "greater_than",
          "at_least",
          "less_than",
          "at_most",
          "before",
          "after",
          "within_last",
          "not_within_last");

  private Operators() {}

  static String wireName(ValueTest test) {
    return switch (test) {
      case ValueTest.Equals equals -> negatable("equals", equals.negated());
      case ValueTest.In in -> negatable("in", in.negated());
      case ValueTest.Contains contains -> negatable("contains", contains.negated());
      case ValueTest.Exists exists -> negatable("exists", exists.negated());
      case ValueTest.Compared compared -> compared.comparison().wireName();
      case ValueTest.Dated dated -> dated.before() ? "before" : "after";
      case ValueTest.Within within -> negatable("within_last", within.negated());
    };
  }

  private static String negatable(String name, boolean negated) {
    return negated ? "not_" + name : name;
  }
}
