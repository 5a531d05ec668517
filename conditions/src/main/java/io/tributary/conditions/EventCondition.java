package io.tributary.conditions;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tests how often the profile did something.
 *
 * @param pattern which events count
 * @param count how many there must be in the window
 * @param within the rolling window that ends now; null = ever
 */
public record EventCondition(EventPattern pattern, EventCount count, @Nullable Duration within)
    implements Condition {

  public EventCondition {
    Objects.requireNonNull(pattern);
    Objects.requireNonNull(count);
    if (within != null) {
      Windows.require(within);
    }
  }

  /**
   * How many of the latest occurrences decide this condition; older ones need not be kept. See
   * {@link Occurrences#prune}.
   */
  public int keep() {
    return count.keep();
  }
}
