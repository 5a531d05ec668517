package io.tributary.profile.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.swagger.v3.oas.annotations.media.Schema;
import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.event.ProfileId;
import io.tributary.profile.store.FateStore;
import io.tributary.profile.store.FateStore.Refusal;
import io.tributary.profile.store.FateStore.RepeatedArrival;
import io.tributary.profile.store.ProfileReader;
import io.tributary.profile.store.ProfileReader.Found;
import io.tributary.profile.store.ProfileReader.StoredEvent;
import io.tributary.web.Visibility;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

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
   * @param duplicates later arrivals with the same message id, which had no effect
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
      List<RepeatedArrival> duplicates,
      List<QuarantineRef> quarantine) {}

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
    return new EventFate(messageId, state, detail, null, null, null, null, duplicates, refusals);
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
        duplicates,
        refusals);
  }
}
