package io.tributary.ingestion.accept;

import io.tributary.event.Json;
import io.tributary.ingestion.transform.Refusal;
import io.tributary.ingestion.transform.Transformation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Has events transformed before they are judged: what stands around an event in its batch is merged
 * into it, the steps are done, and the outcome is judged as if it had come so. What a
 * transformation takes away isn't kept of a refused event, either.
 */
final class Transformer {
  /** Objects of an event: null or an empty list stand for nothing there. */
  private static final List<String> OBJECTS =
      List.of("traits", "properties", "context", "integrations");

  /** Steps may make an event longer, up to here; beyond it nobody would take it, nor keep it. */
  private static final int MAX_BYTES = 4 * Limits.EVENT_BYTES;

  /** Of events beyond the limit of a batch, together: they must fit into a record. */
  private static final int MAX_SURPLUS = 3_000_000;

  private static final byte[] WITHHELD =
      Json.MAPPER.writeValueAsBytes(
          "withheld: the transformation of its source can't be done to it");

  private static final Refusal TOO_LARGE =
      new Refusal(
          "event_too_large",
          "$",
          "an event may have " + Limits.EVENT_BYTES + " bytes, also after its transformation");

  private final Judge judge;
  private final Call call;
  private final Screening screening;
  private final RawEvent envelope;
  private final Receipt receipt;
  private final byte[] body;

  Transformer(
      Judge judge,
      Call call,
      Screening screening,
      RawEvent envelope,
      Receipt receipt,
      byte[] body) {
    this.judge = judge;
    this.call = call;
    this.screening = screening;
    this.envelope = envelope;
    this.receipt = receipt;
    this.body = body;
  }

  Verdict judge(RawEvent event, Source source, Transformation transformation) {
    if (!judge.isLegible(event)) {
      Verdict verdict = judge.judge(event, source.transformed(), body);
      return verdict instanceof Verdict.Rejected rejected && transformation.withholds()
          ? kept(rejected, source, left(event, source, transformation).orElse(WITHHELD))
          : verdict;
    }
    ObjectNode tree = tree(event, source);
    Transformation.Outcome outcome = transformation.apply(tree);
    Optional<byte[]> bytes = bytes(tree);
    Verdict verdict =
        bytes.isEmpty()
            ? refused(event, source, List.of(TOO_LARGE))
            : outcome.refusals().isEmpty()
                ? judged(bytes.get(), source)
                : refused(event, source, outcome.refusals());
    return switch (verdict) {
      case Verdict.Accepted accepted ->
          new Verdict.Accepted(
              source,
              accepted.draft().with(Transformation.NOTE, outcome.note()),
              accepted.key(),
              accepted.sending(),
              accepted.violations());
      case Verdict.Rejected rejected ->
          transformation.withholds()
              ? kept(rejected, source, bytes.orElse(WITHHELD))
              : rejected.keeping(source, body, event.from(), event.to(), false);
    };
  }

  /**
   * Events beyond the limit of a batch, of which none is judged: as they came, or what the steps
   * leave of each.
   *
   * @param withheld whether a source of the request takes something away
   */
  Verdict.Rejected beyond(Verdict.Rejected surplus, Source source, boolean withheld) {
    Transformation transformation = source.transformation();
    if (!withheld) {
      return surplus;
    }
    if (transformation == null || !source.withholds()) {
      return kept(surplus, source, WITHHELD); // they may be of another source
    }
    StringJoiner left = new StringJoiner(",", "[", "]");
    try {
      for (JsonNode item : Json.EXACT.readTree(surplus.original())) {
        String kept = "null";
        if (item instanceof ObjectNode object) {
          merge(object, source, null);
          transformation.apply(object);
          kept = bytes(object).map(Transformer::text).orElse(kept);
        }
        left.add(kept);
        if (left.length() > MAX_SURPLUS) {
          return kept(surplus, source, WITHHELD);
        }
      }
    } catch (JacksonException e) {
      return kept(surplus, source, WITHHELD);
    }
    return kept(surplus, source, left.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static Verdict.Rejected kept(Verdict.Rejected rejected, Source source, byte[] bytes) {
    return rejected.keeping(source, bytes, 0, bytes.length, true);
  }

  /** What the steps leave of an event that can't be judged; empty where they can't be done. */
  private Optional<byte[]> left(RawEvent event, Source source, Transformation transformation) {
    if (event.fields() == null || event.isTooLarge()) {
      return Optional.empty();
    }
    try {
      ObjectNode tree = tree(event, source);
      transformation.apply(tree);
      return bytes(tree);
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  private static Optional<byte[]> bytes(ObjectNode tree) {
    try {
      return BoundedJson.bytes(tree, MAX_BYTES);
    } catch (JacksonException e) {
      return Optional.empty(); // nested deeper than can be written
    }
  }

  private Verdict.Rejected refused(RawEvent event, Source source, List<Refusal> refusals) {
    String messageId = new EventFields(event, "").messageId();
    return new Verdict.Rejected(
        source,
        Storable.orNull(messageId),
        refusals.stream()
            .limit(Limits.REASONS)
            .map(refusal -> new Reason(refusal.code(), refusal.path(), refusal.message()))
            .toList(),
        List.of(),
        body,
        event.from(),
        event.to(),
        false,
        false);
  }

  /** As a request of its own: its context and times were merged into it. */
  private Verdict judged(byte[] event, Source source) {
    Envelope alone = new Envelope(call.type(), null, null, null, true);
    Receipt known = new Receipt(receipt.receivedAt(), null, receipt.messageIds());
    return switch (CollectRequest.read(alone.request(event), call)) {
      case Reading.Legible legible ->
          legible.request().judge(source.transformed(), known).getFirst();
      case Reading.Illegible illegible -> throw new IllegalStateException(illegible.code());
    };
  }

  private ObjectNode tree(RawEvent event, Source source) {
    ObjectNode tree = (ObjectNode) read(event.from(), event.to());
    merge(tree, source, event);
    return tree;
  }

  /**
   * Makes an event stand for itself.
   *
   * @param event whose sender's address is noted, if its source notes those; null for none
   */
  private void merge(ObjectNode tree, Source source, @Nullable RawEvent event) {
    call.type().ifPresent(type -> tree.put("type", type.wire()));
    for (String name : OBJECTS) {
      JsonNode own = tree.get(name);
      if (own != null && own.isNull()) {
        tree.remove(name);
      } else if (own instanceof ArrayNode list && list.isEmpty()) {
        tree.putObject(name); // PHP can't tell it from an empty object
      }
    }
    merge(tree, "context");
    merge(tree, "integrations");
    Field sentAt = envelope.field("sentAt");
    JsonNode own = tree.path("sentAt");
    boolean absent =
        own.isMissingNode() || own.isNull() || (own.isString() && own.stringValue().isBlank());
    if (call.type().isEmpty() && sentAt != null && absent) {
      tree.set("sentAt", read(sentAt.from(), sentAt.to()));
    }
    String ip = event == null ? null : judge.ip(source, event.field("context"));
    if (ip != null && (!tree.has("context") || tree.get("context").isObject())) {
      tree.withObject("/context").set("ip", StringNode.valueOf(ip));
    }
  }

  /** The event's own parts win over those of the batch. */
  private void merge(ObjectNode tree, String name) {
    Field shared = call.type().isPresent() ? null : envelope.field(name);
    JsonNode own = tree.get(name);
    if (shared == null || !shared.isObject() || !(own == null || own.isObject())) {
      return;
    }
    ObjectNode merged = (ObjectNode) read(shared.from(), shared.to());
    if (own instanceof ObjectNode object) {
      merged.setAll(object);
    }
    tree.set(name, merged);
  }

  private JsonNode read(int from, int to) {
    return Json.EXACT.readTree(screening.readable(), from, to - from);
  }
}
