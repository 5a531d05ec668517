package io.tributary.event;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A profile crossed the border of a segment, on {@code segment.changes}.
 *
 * @param changeId unique for good; names the crossing
 * @param segmentVersion the version of the definition that decided
 * @param at when it crossed: the event's arrival, or the moment that a window ran out
 * @param messageId the event that caused it, if one did
 */
public record SegmentChange(
    String changeId,
    String workspaceId,
    String segmentId,
    long segmentVersion,
    ProfileId profileId,
    Crossing change,
    Instant at,
    Reason reason,
    @Nullable String messageId) {

  /** Which way. */
  public enum Crossing {
    ENTERED,
    EXITED;

    /** The lower-case name used in JSON and in the database. */
    @JsonValue
    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Reads the lower-case name. */
    @JsonCreator
    public static Crossing parse(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }

  /** What caused it. */
  public enum Reason {
    EVENT,
    /** An event of long ago, told now: see {@link CollectedEvent#historical}. */
    HISTORICAL,
    TIME,
    DEFINITION,
    MERGE,
    SPLIT,
    ERASURE;

    /** The lower-case name used in JSON and in the database. */
    @JsonValue
    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Reads the lower-case name. */
    @JsonCreator
    public static Reason parse(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }

  /** The JSON form. */
  public byte[] encode() {
    return new JsonBytes(360)
        .text("changeId", changeId)
        .text("workspaceId", workspaceId)
        .text("segmentId", segmentId)
        .number("segmentVersion", segmentVersion)
        .plain("profileId", profileId)
        .plain("change", change.wire())
        .plain("at", at)
        .plain("reason", reason.wire())
        .text("messageId", messageId)
        .close();
  }

  /**
   * Reads the JSON form.
   *
   * @throws MalformedRecordException when it isn't one
   */
  public static SegmentChange decode(byte[] bytes) {
    RecordReader in = RecordReader.read(bytes);
    try {
      return new SegmentChange(
          in.text("changeId"),
          in.text("workspaceId"),
          in.text("segmentId"),
          in.number("segmentVersion"),
          in.profile("profileId"),
          Crossing.parse(in.text("change")),
          in.instant("at"),
          Reason.parse(in.text("reason")),
          in.optionalText("messageId"));
    } catch (IllegalArgumentException e) {
      throw new MalformedRecordException("a segment change has an unknown change or reason", e);
    }
  }
}
