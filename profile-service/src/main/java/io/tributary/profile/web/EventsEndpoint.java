package io.tributary.profile.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.swagger.v3.oas.annotations.media.Schema;
import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.event.Json;
import io.tributary.event.ProfileId;
import io.tributary.profile.store.FateStore;
import io.tributary.profile.store.FateStore.Refusal;
import io.tributary.profile.store.FateStore.RepeatedArrival;
import io.tributary.profile.store.FateStore.SegmentCrossing;
import io.tributary.profile.store.FateStore.TriggeredDelivery;
import io.tributary.profile.store.ProfileReader;
import io.tributary.profile.store.ProfileReader.Found;
import io.tributary.profile.store.ProfileReader.StoredEvent;
import io.tributary.web.Visibility;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** What became of an event. */
@RestController
@RequestMapping("/api/v1/events")
@RequiresScope(Scopes.PROFILES_READ)
public class EventsEndpoint {
  private final ProfileReader profiles;
  private final FateStore fates;
  private final Visibility visibility;

  /** Looks in the store and in what other services publish. */
  public EventsEndpoint(ProfileReader profiles, FateStore fates, Visibility visibility) {
    this.profiles = profiles;
    this.fates = fates;
    this.visibility = visibility;
  }

  /** What became of it, in one word. */
  public enum State {
    /** It's in a profile's timeline. */
    STORED,
    /** It was refused, and lies in quarantine. */
    QUARANTINED,
    /** Neither: never accepted, still on its way, dropped as a repetition long ago, or erased. */
    UNKNOWN;

    /** The lower-case name. */
    @com.fasterxml.jackson.annotation.JsonValue
    public String wire() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * What became of an event.
   *
   * @param detail the same in a sentence
   * @param profileId the canonical profile that it belongs to now
   * @param homeId the part of that profile where it stays for good
   * @param trackingPlan by which plan it was checked, if by one
   * @param transformation what was done to it before that, if something is done to its source's
   *     events
   * @param duplicates later arrivals with the same message id, which had no effect
   * @param segments which the person entered or left because of it; a moment after it is stored
   * @param deliveries which it triggered, by itself or by such a crossing; a moment later still
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record EventFate(
      String messageId,
      State state,
      String detail,
      @Nullable ProfileId profileId,
      @Nullable ProfileId homeId,
      @Nullable Instant at,
      @Nullable Instant receivedAt,
      @Nullable PlanRef trackingPlan,
      @Nullable TransformationRef transformation,
      List<RepeatedArrival> duplicates,
      List<QuarantineRef> quarantine,
      List<SegmentCrossing> segments,
      List<TriggeredDelivery> deliveries) {}

  /**
   * The version of a tracking plan.
   *
   * @param omitted the fields that it took out
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record PlanRef(String id, long version, @Nullable List<String> omitted) {
    static @Nullable PlanRef of(StoredEvent event) {
      JsonNode note = Json.MAPPER.readTree(event.payload()).path("trackingPlan");
      return note.path("id").isString()
          ? new PlanRef(
              note.path("id").stringValue(),
              note.path("version").asLong(0),
              note.path("omitted").isArray()
                  ? note.path("omitted").valueStream().map(field -> field.asString("")).toList()
                  : null)
          : null;
    }
  }

  /**
   * The version of a source's transformation.
   *
   * @param changed what stands there now instead of something else
   * @param problems what couldn't be done
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record TransformationRef(
      long version, List<TransformedField> changed, List<TransformedField> problems) {
    static @Nullable TransformationRef of(StoredEvent event) {
      JsonNode note = Json.MAPPER.readTree(event.payload()).path("transformation");
      return note.path("version").isIntegralNumber()
          ? new TransformationRef(
              note.path("version").asLong(0),
              TransformedField.all(note.path("changed")),
              TransformedField.all(note.path("problems")))
          : null;
    }
  }

  /**
   * A field that a step changed, or couldn't.
   *
   * @param path as the step names it
   * @param op what the step does
   * @param was what stood there; absent where the transformation takes something away
   * @param problem why it couldn't be done
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record TransformedField(
      String path, String op, @Nullable String was, @Nullable String problem) {
    static List<TransformedField> all(JsonNode notes) {
      return notes
          .valueStream()
          .map(note ->
              new TransformedField(
                  note.path("path").asString(""),
                  note.path("op").asString(""),
                  note.path("was").isString() ? note.path("was").stringValue() : null,
                  note.path("problem").isString() ? note.path("problem").stringValue() : null))
          .toList();
    }
  }

  /** An entry of the quarantine; its bytes are at {@code /api/v1/quarantine/{id}}. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record QuarantineRef(
      String id,
      String stage,
      @JsonRawValue @Schema(types = "array", implementation = Object[].class) String reasons,
      @Nullable Instant at) {
    static QuarantineRef from(Refusal refusal) {
      return new QuarantineRef(refusal.id(), refusal.stage(), refusal.reasons(), refusal.at());
    }
  }

  /** What became of the event with this message id. */
  @GetMapping("/{messageId}")
  EventFate get(
      Caller caller,
      @PathVariable String messageId,
      @RequestParam(required = false) @Nullable String position,
      @RequestParam(required = false) @Nullable Integer wait,
      @RequestHeader(name = Visibility.HEADER, required = false) @Nullable String header) {
    visibility.await(position, header, wait);
    List<StoredEvent> stored = profiles.eventsByMessage(caller.workspaceId(), messageId);
    List<RepeatedArrival> duplicates = fates.duplicates(caller.workspaceId(), messageId);
    List<QuarantineRef> refusals =
        fates.refusals(caller.workspaceId(), messageId).stream().map(QuarantineRef::from).toList();
    if (!stored.isEmpty()) {
      return stored(caller, stored.getFirst(), duplicates, refusals);
    }
    State state = refusals.isEmpty() ? State.UNKNOWN : State.QUARANTINED;
    String detail =
        refusals.isEmpty()
            ? "No event with this message id is stored or in quarantine. It may be on its way: ask"
                + " with the position from the collector's answer to be sure."
            : "It was refused; quarantine says why.";
    return new EventFate(
        messageId,
        state,
        detail,
        null,
        null,
        null,
        null,
        null,
        null,
        duplicates,
        refusals,
        List.of(),
        List.of());
  }

  private EventFate stored(
      Caller caller,
      StoredEvent event,
      List<RepeatedArrival> duplicates,
      List<QuarantineRef> refusals) {
    ProfileId canonical =
        profiles.find(caller.workspaceId(), event.home()) instanceof Found.Present(var profile)
            ? profile.id()
            : event.home();
    String workspace = caller.workspaceId();
    List<SegmentCrossing> crossings =
        fates.crossings(workspace, canonical.uuid(), event.messageId());
    List<String> triggers =
        Stream.concat(
                Stream.of(event.messageId()), crossings.stream().map(SegmentCrossing::changeId))
            .toList();
    String detail =
        duplicates.isEmpty()
            ? "It's in the profile's timeline."
            : "It's in the profile's timeline. It arrived more than once and counted once.";
    return new EventFate(
        event.messageId(),
        State.STORED,
        detail,
        canonical,
        event.home(),
        event.at(),
        event.receivedAt(),
        PlanRef.of(event),
        TransformationRef.of(event),
        duplicates,
        refusals,
        crossings,
        fates.deliveries(workspace, canonical.uuid(), triggers));
  }
}
