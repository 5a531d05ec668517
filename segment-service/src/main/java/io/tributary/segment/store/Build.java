package io.tributary.segment.store;

import io.tributary.event.ProfileId;
import org.jspecify.annotations.Nullable;

/**
 * A piece of work on a definition that a worker has claimed.
 *
 * @param targetVersion the definition's version; a newer one makes the work void
 * @param after the profile behind which it goes on; null = at the beginning
 */
public record Build(
    String workspaceId,
    String segmentId,
    Step step,
    long targetVersion,
    @Nullable ProfileId after,
    long done,
    String owner) {

  /** What is to be done. */
  public enum Step {
    /** Collect the behaviour that the condition counts from the event history. */
    FILL,
    /** Decide about everybody who could enter or leave. */
    EVALUATE,
    /** The segment was deleted: everybody leaves. */
    CLEAR
  }
}
