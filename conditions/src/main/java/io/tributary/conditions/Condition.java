package io.tributary.conditions;

/**
 * What must be true of a profile. Conditions are immutable data; {@link ConditionParser} reads them
 * from JSON.
 */
public sealed interface Condition
    permits And, Or, Not, TraitCondition, EventCondition, SegmentCondition {

  /** Says the condition in plain English, for people. */
  default String describe() {
    return Describer.describe(this);
  }
}
