package io.tributary.identity.resolve;

import io.tributary.event.ProfileId;
import java.util.Comparator;
import java.util.UUID;

/** The order of profile ids in Postgres, in which rows are locked. */
public final class Order {
  /** Unsigned, high bits first. */
  public static final Comparator<UUID> BY_ID = Order::compare;

  private Order() {}

  static int compare(UUID one, UUID other) {
    return new ProfileId(one).compareTo(new ProfileId(other));
  }
}
