package io.tributary.identity.store;

import io.tributary.identity.resolve.Order;
import java.util.UUID;

/** A root to lock. */
public record RootKey(String workspaceId, UUID id) implements Comparable<RootKey> {
  /** In the order in which rows are locked. */
  @Override
  public int compareTo(RootKey other) {
    return Order.BY_ID.compare(id, other.id);
  }
}
