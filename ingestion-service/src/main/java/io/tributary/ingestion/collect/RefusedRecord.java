package io.tributary.ingestion.collect;

import io.tributary.event.EventType;
import io.tributary.event.Json;
import io.tributary.event.JsonBytes;
import io.tributary.event.MalformedRecordException;
import io.tributary.event.RawJson;
import io.tributary.ingestion.accept.Envelope;
import io.tributary.ingestion.accept.Reason;
import io.tributary.ingestion.accept.Verdict;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A refused event on its way to quarantine. Its form is a length of 4 bytes, a JSON object of that
 * length, and then the event's original bytes, whatever they are.
 *
 * @param onDevice whether the source is a person's device
 * @param reasons a JSON array
 */
public record RefusedRecord(
    String workspaceId,
    String sourceId,
    boolean onDevice,
    @Nullable String messageId,
    Instant receivedAt,
    @Nullable String ip,
    Envelope envelope,
    String reasons,
    byte[] original) {

  /** What is to go there of a verdict. */
  public static RefusedRecord of(
      Verdict.Rejected verdict, Instant receivedAt, @Nullable String ip, Envelope envelope) {
    return new RefusedRecord(
        verdict.source().workspaceId(),
        verdict.source().sourceId(),
        verdict.source().onDevice(),
        verdict.messageId(),
        receivedAt,
        verdict.transformed() ? null : ip,
        verdict.transformed() ? envelope.ofTransformed() : envelope,
        Reason.json(verdict.reasons()),
        verdict.original());
  }

  /** The form on the topic. */
  public byte[] encode() {
    byte[] head =
        new JsonBytes(512)
            .text("workspaceId", workspaceId)
            .text("sourceId", sourceId)
            .raw("onDevice", RawJson.of(Boolean.toString(onDevice)))
            .text("messageId", messageId)
            .plain("receivedAt", receivedAt)
            .text("ip", ip)
            .plain("type", envelope.type().map(EventType::wire).orElse(null))
            .raw("sentAt", envelope.sentAt())
            .raw("context", envelope.context())
            .raw("integrations", envelope.integrations())
            .raw("transformed", envelope.transformed() ? RawJson.of("true") : null)
            .raw("reasons", RawJson.of(reasons))
            .close();
    return ByteBuffer.allocate(4 + head.length + original.length)
        .putInt(head.length)
        .put(head)
        .put(original)
        .array();
  }

  /**
   * Reads the form on the topic.
   *
   * @throws MalformedRecordException when it isn't one
   */
  public static RefusedRecord decode(byte[] bytes) {
    try {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      byte[] head = new byte[length(in)];
      in.get(head);
      byte[] original = new byte[in.remaining()];
      in.get(original);
      JsonNode json = Json.MAPPER.readTree(head);
      return new RefusedRecord(
          json.required("workspaceId").asString(),
          json.required("sourceId").asString(),
          json.required("onDevice").asBoolean(),
          text(json, "messageId"),
          Instant.parse(json.required("receivedAt").asString()),
          text(json, "ip"),
          new Envelope(
              Optional.ofNullable(text(json, "type")).map(EventType::parse),
              raw(json, "sentAt"),
              raw(json, "context"),
              raw(json, "integrations"),
              json.path("transformed").asBoolean(false)),
          json.required("reasons").toString(),
          original);
    } catch (JacksonException | IllegalArgumentException | DateTimeParseException e) {
      throw new MalformedRecordException("a refused event must have its head before it", e);
    }
  }

  private static int length(ByteBuffer in) {
    int length = in.remaining() < 4 ? -1 : in.getInt();
    if (length < 2 || length > in.remaining()) {
      throw new MalformedRecordException("a refused event must begin with its head's length");
    }
    return length;
  }

  private static @Nullable String text(JsonNode json, String name) {
    return json.hasNonNull(name) ? json.get(name).asString() : null;
  }

  private static @Nullable RawJson raw(JsonNode json, String name) {
    return json.has(name) ? RawJson.of(json.get(name)) : null;
  }
}
