package io.tributary.conditions;

/**
 * Tests one property of an event. Filters are decided once, when the event arrives, so windows
 * relative to now are not possible.
 *
 * @param property the property's path, as for traits; for identify and group events a trait's path
 * @param test what its value must satisfy
 */
public record PropertyFilter(String property, ValueTest test) {

  public PropertyFilter {
    Path.of(property);
    if (test instanceof ValueTest.Within) {
      throw new IllegalArgumentException("an event's property has no window relative to now");
    }
  }
}
