package io.tributary.conditions;

import java.util.regex.Pattern;

/**
 * Tests membership of another segment.
 *
 * @param segmentId the other segment
 * @param member true: the profile must be a member; false: it must not be
 */
public record SegmentCondition(String segmentId, boolean member) implements Condition {

  private static final Pattern ID = Pattern.compile("seg_[A-Za-z0-9_-]{1,60}");

  public SegmentCondition {
    if (!isId(segmentId)) {
      throw new IllegalArgumentException("not a segment id: " + segmentId);
    }
  }

  static boolean isId(String text) {
    return ID.matcher(text).matches();
  }
}
