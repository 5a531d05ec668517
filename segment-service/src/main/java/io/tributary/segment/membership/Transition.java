package io.tributary.segment.membership;

import io.tributary.event.SegmentChange.Crossing;
import java.time.Instant;

/** A profile crosses the border of a segment. */
public record Transition(
    String segmentId, long segmentVersion, Crossing change, Instant at, Cause cause) {}
