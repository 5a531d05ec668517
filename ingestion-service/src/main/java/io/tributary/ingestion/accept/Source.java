package io.tributary.ingestion.accept;

import io.tributary.ingestion.plan.Plan;
import io.tributary.ingestion.transform.Transformation;
import org.jspecify.annotations.Nullable;

/**
 * Where events come from.
 *
 * @param onDevice whether the sender is the person's own device, so that its address is worth
 *     noting
 * @param signed whether what it sends is verified before: a webhook's source
 * @param plan what its events are checked by; null for none
 * @param transformation what is done to its events before that; null for nothing
 */
public record Source(
    String workspaceId,
    String sourceId,
    boolean onDevice,
    boolean signed,
    @Nullable Plan plan,
    @Nullable Transformation transformation) {

  /** A source whose events nobody signs, without a plan. */
  public Source(String workspaceId, String sourceId, boolean onDevice) {
    this(workspaceId, sourceId, onDevice, null);
  }

  /** A source whose events nobody signs. */
  public Source(String workspaceId, String sourceId, boolean onDevice, @Nullable Plan plan) {
    this(workspaceId, sourceId, onDevice, false, plan, null);
  }

  /** The same for an event that was transformed already. */
  public Source transformed() {
    return transformedBy(null);
  }

  /** The same with another transformation. */
  public Source transformedBy(@Nullable Transformation other) {
    return new Source(workspaceId, sourceId, onDevice, signed, plan, other);
  }

  /** Whether something of its events may be kept nowhere. */
  public boolean withholds() {
    return transformation != null && transformation.withholds();
  }
}
