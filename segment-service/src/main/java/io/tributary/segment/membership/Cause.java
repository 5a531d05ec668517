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

  /**
   * Of two causes of one decision the later one; but an event of now rather than one of long ago.
   */
  public static Cause stronger(Cause first, Cause second) {
    return second.reason == Reason.HISTORICAL && first.reason == Reason.EVENT ? first : second;
  }
}
