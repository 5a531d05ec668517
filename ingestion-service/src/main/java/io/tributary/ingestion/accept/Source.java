package io.tributary.ingestion.accept;

import io.tributary.ingestion.plan.Plan;
import org.jspecify.annotations.Nullable;

/**
 * Where events come from.
 *
 * @param onDevice whether the sender is the person's own device, so that its address is worth
 *     noting
 * @param plan what its events are checked by; null for none
 */
public record Source(String workspaceId, String sourceId, boolean onDevice, @Nullable Plan plan) {

  /** A source without a plan. */
  public Source(String workspaceId, String sourceId, boolean onDevice) {
    this(workspaceId, sourceId, onDevice, null);
  }
}
