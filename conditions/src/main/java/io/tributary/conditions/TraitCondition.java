package io.tributary.conditions;

import java.util.Objects;

/**
 * Tests one trait of the profile.
 *
 * @param trait the trait's key; dots lead into nested values, whole numbers into arrays ({@code
 *     address.city}, {@code tags.0})
 * @param test what its value must satisfy
 */
public record TraitCondition(String trait, ValueTest test) implements Condition {

  public TraitCondition {
    Path.of(trait);
    Objects.requireNonNull(test);
  }
}
