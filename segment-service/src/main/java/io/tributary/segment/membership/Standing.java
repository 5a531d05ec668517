package io.tributary.segment.membership;

import io.tributary.event.SegmentChange.Reason;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a profile stands to a segment.
 *
 * @param since when it entered or left
 * @param version counts the changes of this row
 * @param segmentVersion the definition that decided
 * @param dueAt when the clock alone may change it, perhaps too early, never too late; null = never
 * @param reason of the last crossing, or of the first decision where there was none
 */
public record Standing(
    String segmentId,
    boolean member,
    Instant since,
    long version,
    long segmentVersion,
    @Nullable Instant dueAt,
    Reason reason) {}
