package io.tributary.segment.membership;

import io.tributary.event.SegmentChange.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Why a segment is decided about.
 *
 * @param messageId the event that touched it, if one did
 */
public record Cause(Reason reason, @Nullable String messageId) {

  /** A cause that is no event. */
  public static Cause of(Reason reason) {
    return new Cause(reason, null);
  }
}
