package io.tributary.ingestion.governance;

import io.tributary.ingestion.accept.Source;

/** What is done with the events of each source by now: transformation first, then its plan. */
public final class SourceRules {
  private final CurrentPlans plans;
  private final CurrentTransformations transformations;

  /** The rules as these know them. */
  public SourceRules(CurrentPlans plans, CurrentTransformations transformations) {
    this.plans = plans;
    this.transformations = transformations;
  }

  /** A source with its plan alone. */
  Source planned(String workspaceId, String sourceId) {
    return new Source(workspaceId, sourceId, false, plans.of(sourceId));
  }

  /**
   * A source with its rules.
   *
   * @throws CurrentTransformations.UnreadableException if they aren't known
   */
  public Source source(String workspaceId, String sourceId, boolean onDevice, boolean signed) {
    return new Source(
        workspaceId,
        sourceId,
        onDevice,
        signed,
        plans.of(sourceId),
        transformations.of(sourceId).orElse(null));
  }
}
