package io.tributary.ingestion.accept;

import io.tributary.event.EventType;
import io.tributary.event.JsonBytes;
import io.tributary.event.RawJson;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What stood around an event and has a say in how it's read: needed to judge it again later.
 *
 * @param type the type that the path named; empty for an event of a batch
 * @param transformed whether the event has its source's transformation behind it
 */
public record Envelope(
    Optional<EventType> type,
    @Nullable RawJson sentAt,
    @Nullable RawJson context,
    @Nullable RawJson integrations,
    boolean transformed) {

  /** What is left of it for an event that was transformed: the rest was merged into that. */
  public Envelope ofTransformed() {
    return new Envelope(type, null, null, null, true);
  }

  /** The path that the event came by. */
  public Call call() {
    return new Call(type);
  }

  /** A request that holds just this event, or this JSON list of events. */
  public byte[] request(byte[] event) {
    if (type.isPresent()) {
      return event;
    }
    boolean many = event.length > 0 && event[0] == '[';
    byte[] list = event;
    if (!many) {
      list = new byte[event.length + 2];
      list[0] = '[';
      System.arraycopy(event, 0, list, 1, event.length);
      list[list.length - 1] = ']';
    }
    return new JsonBytes(list.length + 256)
        .raw("sentAt", sentAt)
        .raw("context", context)
        .raw("integrations", integrations)
        .raw("batch", RawJson.slice(list))
        .close();
  }
}
