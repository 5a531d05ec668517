package io.tributary.event;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the collector knows of an event when it accepts it; becomes a {@link CollectedEvent}.
 *
 * @param unknown top-level fields that Tributary gives no meaning to, kept as they came
 */
public record EventDraft(
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
    @Nullable String originalTimestamp,
    @Nullable String sentAt,
    Instant receivedAt,
    @Nullable RawJson traits,
    @Nullable RawJson properties,
    @Nullable RawJson context,
    @Nullable RawJson integrations,
    Map<String, RawJson> unknown) {

  /** Copies the map, in its order. */
  public EventDraft {
    unknown = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(unknown));
  }

  /** The same with another field before those that Tributary gives no meaning to. */
  public EventDraft with(String field, RawJson value) {
    Map<String, RawJson> more = new LinkedHashMap<>();
    more.put(field, value);
    more.putAll(unknown);
    return new EventDraft(
        workspaceId,
        sourceId,
        type,
        messageId,
        userId,
        anonymousId,
        previousId,
        groupId,
        event,
        name,
        timestamp,
        originalTimestamp,
        sentAt,
        receivedAt,
        traits,
        properties,
        context,
        integrations,
        more);
  }

  /** The accepted event with its JSON form. */
  public CollectedEvent collect() {
    RawJson json = RawJson.slice(encode());
    return new CollectedEvent(
        workspaceId,
        sourceId,
        type,
        messageId,
        userId,
        anonymousId,
        previousId,
        groupId,
        event,
        name,
        timestamp,
        receivedAt,
        traits,
        properties,
        context,
        isTrue(CollectedEvent.HISTORICAL),
        isTrue(CollectedEvent.SIGNED),
        json);
  }

  private boolean isTrue(String name) {
    return "true".equals(String.valueOf(unknown.get(name)));
  }

  /** The JSON form. */
  public byte[] encode() {
    JsonBytes out =
        new JsonBytes(512 + length(traits) + length(properties) + length(context))
            .text("workspaceId", workspaceId)
            .text("sourceId", sourceId)
            .plain("type", type.wire())
            .text("messageId", messageId)
            .text("userId", userId)
            .text("anonymousId", anonymousId)
            .text("previousId", previousId)
            .text("groupId", groupId)
            .text("event", event)
            .text("name", name)
            .plain("timestamp", timestamp)
            .text("originalTimestamp", originalTimestamp)
            .text("sentAt", sentAt)
            .plain("receivedAt", receivedAt)
            .raw("traits", traits)
            .raw("properties", properties)
            .raw("context", context)
            .raw("integrations", integrations);
    unknown.forEach(out::unknown);
    return out.close();
  }

  private static int length(@Nullable RawJson json) {
    return json == null ? 0 : json.length();
  }
}
