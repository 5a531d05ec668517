package io.tributary.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event as the collector accepted it: checked, with corrected times and the batch's context
 * merged in. Its JSON form is kept as {@code json}; the other components are what services look at.
 *
 * @param timestamp when it happened: corrected for the client's clock and never after {@code
 *     receivedAt}
 * @param event the name of a track call
 * @param name the name of a page or screen call
 * @param historical it tells what happened long ago, as an import of a file does: it counts like
 *     any other, but starts no campaign
 * @param signed whether the sender of a webhook had proven who it is; nobody else can say so
 * @param json the whole event, with fields that Tributary doesn't know
 */
public record CollectedEvent(
    String workspaceId,
    String sourceId,
    EventType type,
    String messageId,
    @Nullable String userId,
    @Nullable String anonymousId,
    @Nullable String previousId,
    @Nullable String groupId,
    @Nullable String event,
    @Nullable String name,
    Instant timestamp,
    Instant receivedAt,
    @Nullable RawJson traits,
    @Nullable RawJson properties,
    @Nullable RawJson context,
    boolean historical,
    boolean signed,
    RawJson json) {
  /** The field that says {@code historical}. */
  public static final String HISTORICAL = "historical";

  /** The field that says {@code signed}; what senders say there doesn't come through. */
  public static final String SIGNED = "signed";

  /**
   * Reads the JSON form.
   *
   * @throws MalformedRecordException when it isn't one
   */
  public static CollectedEvent decode(byte[] bytes) {
    return EventReader.read(bytes);
  }

  /** What a condition calls the event: the name of a track, page or screen call, else null. */
  public @Nullable String label() {
    return switch (type) {
      case TRACK -> event;
      case PAGE, SCREEN -> name;
      case IDENTIFY, GROUP, ALIAS -> null;
    };
  }
}
