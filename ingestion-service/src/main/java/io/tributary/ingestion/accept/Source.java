package io.tributary.ingestion.accept;

import io.tributary.ingestion.plan.Plan;
import org.jspecify.annotations.Nullable;

/**
 * Where events come from.
 *
 * @param onDevice whether the sender is the person's own device, so that its address is worth
 *     noting
 * @param signed whether what it sends is verified before: a webhook's source
 * @param plan what its events are checked by; null for none
 */
public record Source(
    String workspaceId, String sourceId, boolean onDevice, boolean signed, @Nullable Plan plan) {

  /** A source whose events nobody signs, without a plan. */
  public Source(String workspaceId, String sourceId, boolean onDevice) {
    this(workspaceId, sourceId, onDevice, null);
  }

  /** A source whose events nobody signs. */
  public Source(String workspaceId, String sourceId, boolean onDevice, @Nullable Plan plan) {
    this(workspaceId, sourceId, onDevice, false, plan);
  }
}
