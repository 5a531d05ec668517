package io.tributary.ingestion.accept;

import io.tributary.event.CollectedEvent;
import io.tributary.event.EventDraft;
import io.tributary.event.EventType;
import io.tributary.event.Json;
import io.tributary.event.JsonBytes;
import io.tributary.event.RawJson;
import io.tributary.ingestion.plan.Checked;
import io.tributary.ingestion.plan.OnViolation;
import io.tributary.ingestion.plan.Plan;
import io.tributary.ingestion.plan.Violation;
import io.tributary.ingestion.transform.Transformation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/** Checks the events of one request against the rules and completes what may be missing. */
final class Judge {
  /** Which plan an event was checked by, and what was taken out of it. */
  private static final String TRACKING_PLAN = "trackingPlan";

  /** Fields with a place of their own in an event, and those that only the server may set. */
  private static final Set<String> KNOWN =
      Set.of(
          "workspaceId",
          "sourceId",
          "receivedAt",
          TRACKING_PLAN,
          Transformation.NOTE,
          CollectedEvent.SIGNED,
          "writeKey",
          "type",
          "messageId",
          "userId",
          "anonymousId",
          "previousId",
          "groupId",
          "event",
          "name",
          "timestamp",
          "originalTimestamp",
          "sentAt",
          "traits",
          "properties",
          "context",
          "integrations");

  private final Call call;
  private final Screening screening;
  private final Receipt receipt;
  private final List<Reason> shared;
  private final @Nullable Field sharedContext;
  private final @Nullable Field sharedIntegrations;
  private final @Nullable Instant sharedSentAt;
  private @Nullable Field libraryField;
  private @Nullable Library library;

  Judge(Call call, Screening screening, RawEvent envelope, Receipt receipt) {
    this.call = call;
    this.screening = screening;
    this.receipt = receipt;
    boolean batch = call.type().isEmpty();
    EventFields fields = new EventFields(batch ? envelope : new RawEvent(0, 0, Map.of()), "$.");
    sharedContext = fields.object("context");
    sharedIntegrations = fields.object("integrations");
    sharedSentAt = fields.time("sentAt");
    shared = fields.reasons();
    if (batch) {
      for (String name : CollectRequest.SHARED) {
        Field field = envelope.field(name);
        if (field != null) {
          flaws(field.from(), field.to(), shared, "$." + name);
        }
      }
    }
  }

  /**
   * Whether an event can be looked into: an object of a fair size without a flaw, also around it.
   */
  boolean isLegible(RawEvent event) {
    int first = screening.firstFrom(event.from());
    return event.fields() != null
        && !event.isTooLarge()
        && shared.isEmpty()
        && (first >= screening.count() || screening.offset(first) >= event.to());
  }

  Verdict judge(RawEvent event, Source source, byte[] body) {
    EventFields fields = new EventFields(event, "");
    List<Reason> reasons = fields.reasons();
    reasons.addAll(shared);
    // Looking for the field in something huge isn't worth its time.
    flaws(event.from(), event.to(), reasons, event.isTooLarge() ? "$" : null);
    if (event.fields() == null) {
      reasons.add(new Reason("not_an_object", "$", "an event must be a JSON object"));
      return rejected(event, source, body, null, reasons, List.of());
    }
    String messageId = fields.messageId();
    if (event.isTooLarge()) {
      String message = "an event may have " + Limits.EVENT_BYTES + " bytes";
      reasons.add(new Reason("event_too_large", "$", message));
      return rejected(event, source, body, messageId, reasons, List.of());
    }
    List<Violation> violations = new ArrayList<>(0);
    Verdict accepted = accepted(fields, event, source, messageId, violations);
    return accepted == null
        ? rejected(event, source, body, messageId, reasons, violations)
        : accepted;
  }

  /** The accepted event; null where there's a reason against it. */
  private Verdict.@Nullable Accepted accepted(
      EventFields fields,
      RawEvent event,
      Source source,
      @Nullable String messageId,
      List<Violation> violations) {
    // What holds broken texts isn't looked into: they couldn't be reported, either.
    boolean legible = fields.reasons().isEmpty();
    EventType type = call.type().orElseGet(fields::type);
    String userId = fields.text("userId", true);
    String anonymousId = fields.text("anonymousId", true);
    String previousId = fields.text("previousId", true);
    String groupId = fields.text("groupId", true);
    String name = fields.text("event", false);
    String page = fields.text("name", false);
    if (type != null) {
      fields.require(type, userId, anonymousId, previousId, groupId, name);
    }
    Instant original = fields.time("timestamp");
    if (original == null) {
      original = fields.time("originalTimestamp");
    }
    Instant ownSentAt = fields.time("sentAt");
    Instant sentAt = ownSentAt == null ? sharedSentAt : ownSentAt;
    Instant timestamp = Times.corrected(receipt.receivedAt(), original, sentAt);
    fields.check(
        !timestamp.isBefore(Instant.EPOCH),
        "timestamp_out_of_range",
        "timestamp",
        "must not be before 1970, also after correction for the client's clock by sentAt");
    Field traits = fields.object("traits");
    Field properties = fields.object("properties");
    Field context = fields.object("context");
    Field integrations = fields.object("integrations");
    Plan plan = source.plan();
    boolean ofTraits = type != null && Plan.isOfTraits(type);
    Field payload = ofTraits ? traits : properties;
    legible &= payload != null || event.field(ofTraits ? "traits" : "properties") == null;
    Checked checked =
        plan == null || type == null || !legible
            ? null
            : checked(plan, type, name, payload, fields, violations);
    if (type == null || !fields.reasons().isEmpty()) {
      return null;
    }
    RawJson rest = checked == null ? null : checked.rest();
    EventDraft draft =
        new EventDraft(
            source.workspaceId(),
            source.sourceId(),
            type,
            messageId == null ? receipt.messageIds().get() : messageId,
            userId,
            anonymousId,
            previousId,
            groupId,
            name,
            page,
            timestamp,
            original == null ? null : original.toString(),
            sentAt == null ? null : sentAt.toString(),
            receipt.receivedAt(),
            rest != null && ofTraits ? rest : json(traits),
            rest != null && !ofTraits ? rest : json(properties),
            merged(sharedContext, context, ip(source, context)),
            merged(sharedIntegrations, integrations, null),
            unknown(event, source, checked));
    Sending sending =
        new Sending(
            library(part(context, "library")),
            sentAt,
            Times.isAhead(original, sentAt == null ? receipt.receivedAt() : sentAt));
    return new Verdict.Accepted(source, draft, key(draft), sending, violations);
  }

  /** What the plan says, its refusals among the reasons; null when it says nothing. */
  private static @Nullable Checked checked(
      Plan plan,
      EventType type,
      @Nullable String name,
      @Nullable Field payload,
      EventFields fields,
      List<Violation> violations) {
    Checked checked = plan.check(type, name, json(payload)).orElse(null);
    if (checked == null) {
      return null;
    }
    violations.addAll(checked.violations());
    if (checked.action() == OnViolation.QUARANTINE) {
      for (Violation violation : checked.violations()) {
        fields
            .reasons()
            .add(
                new Reason(
                    "plan_" + violation.kind().wire(), violation.path(), violation.message()));
      }
    }
    return checked;
  }

  /** Events of one request mostly name the same one, which is read once. */
  private @Nullable Library library(@Nullable Field field) {
    if (field == null || !field.isObject()) {
      return null;
    }
    if (libraryField == null || !Library.areSame(libraryField, field)) {
      libraryField = field;
      library = Library.of(field);
    }
    return library;
  }

  /**
   * The address to note: of a device, or where the sender asks for it by {@code context.direct}.
   */
  @Nullable String ip(Source source, @Nullable Field context) {
    if (receipt.ip() == null || part(context, "ip") != null) {
      return null;
    }
    Field direct = part(context, "direct");
    return source.onDevice() || (direct != null && direct.token() == JsonToken.VALUE_TRUE)
        ? receipt.ip()
        : null;
  }

  private @Nullable Field part(@Nullable Field own, String name) {
    Field field = own == null ? null : own.parts().get(name);
    if (field == null && sharedContext != null) {
      field = sharedContext.parts().get(name);
    }
    return field == null || field.isNull() ? null : field;
  }

  /** The event's own parts win over those of the batch. */
  private static @Nullable RawJson merged(
      @Nullable Field batch, @Nullable Field own, @Nullable String ip) {
    if (ip == null && (batch == null || batch.parts().isEmpty())) {
      return json(own);
    }
    if (ip == null && own == null) {
      return json(batch);
    }
    Map<String, Field> parts = new LinkedHashMap<>();
    if (batch != null) {
      parts.putAll(batch.parts());
    }
    if (own != null) {
      parts.putAll(own.parts());
    }
    JsonBytes out = new JsonBytes(64 + length(batch) + length(own));
    if (ip != null) {
      parts.remove("ip");
      out.text("ip", ip);
    }
    parts.forEach((name, part) -> out.unknown(name, part.json()));
    return RawJson.slice(out.close());
  }

  private static Map<String, RawJson> unknown(
      RawEvent event, Source source, @Nullable Checked checked) {
    Map<String, RawJson> unknown = new LinkedHashMap<>();
    if (source.signed()) {
      unknown.put(CollectedEvent.SIGNED, RawJson.of("true"));
    }
    if (source.plan() != null && checked != null) {
      unknown.put(TRACKING_PLAN, note(source.plan(), checked));
    }
    if (event.fields() != null) {
      event
          .fields()
          .forEach((name, field) -> {
            if (!KNOWN.contains(name)) {
              unknown.put(name, field.json());
            }
          });
    }
    return unknown;
  }

  private static RawJson note(Plan plan, Checked checked) {
    JsonBytes out = new JsonBytes(64).text("id", plan.id()).number("version", plan.version());
    if (!checked.omitted().isEmpty()) {
      out.raw("omitted", RawJson.of(Json.MAPPER.valueToTree(checked.omitted())));
    }
    return RawJson.slice(out.close());
  }

  /**
   * Notes what the screening found in a part of the request.
   *
   * @param path null to look it up
   */
  private void flaws(int from, int to, List<Reason> reasons, @Nullable String path) {
    int first = screening.firstFrom(from);
    for (int i = first; i < screening.count() && screening.offset(i) < to; i++) {
      if (i - first == Limits.REASONS) {
        return;
      }
      String place =
          path == null ? Place.of(screening.readable(), from, to, screening.offset(i)) : path;
      reasons.add(screening.flaw(i).at(place));
    }
  }

  private static Verdict rejected(
      RawEvent event,
      Source source,
      byte[] body,
      @Nullable String messageId,
      List<Reason> reasons,
      List<Violation> violations) {
    return new Verdict.Rejected(
        source,
        Storable.orNull(messageId),
        reasons,
        violations,
        body,
        event.from(),
        event.to(),
        false,
        false);
  }

  private static String key(EventDraft draft) {
    String person =
        draft.userId() != null
            ? draft.userId()
            : draft.anonymousId() != null
                ? draft.anonymousId()
                : draft.groupId() != null ? draft.groupId() : draft.messageId();
    return draft.workspaceId() + "|" + person;
  }

  private static @Nullable RawJson json(@Nullable Field field) {
    return field == null ? null : field.isObject() ? field.json() : EventFields.EMPTY;
  }

  private static int length(@Nullable Field field) {
    return field == null ? 0 : field.length();
  }
}
