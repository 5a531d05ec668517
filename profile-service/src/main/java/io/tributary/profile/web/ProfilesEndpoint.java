package io.tributary.profile.web;

import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.event.EventType;
import io.tributary.event.ProfileId;
import io.tributary.profile.merge.Micros;
import io.tributary.profile.store.Identifiers;
import io.tributary.profile.store.Identifiers.HeldIdentifier;
import io.tributary.profile.store.ProfileReader;
import io.tributary.profile.store.ProfileReader.Filter;
import io.tributary.profile.store.ProfileReader.Found;
import io.tributary.profile.store.ProfileReader.Profile;
import io.tributary.profile.store.ProfileReader.StoredEvent;
import io.tributary.profile.web.ProfileAnswer.TraitSource;
import io.tributary.web.Cursor;
import io.tributary.web.IfMatch;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import io.tributary.web.Problem;
import io.tributary.web.Visibility;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Profiles, by id or by identifier, with their timeline. */
@RestController
@RequestMapping("/api/v1/profiles")
@RequiresScope(Scopes.PROFILES_READ)
public class ProfilesEndpoint {
  private static final int SHOWN_IDENTIFIERS = 200;
  private static final String LIST = "profiles";
  private static final String EVENTS = "events";
  private static final String IDENTIFIERS = "identifiers";

  private final ProfileReader profiles;
  private final Identifiers identifiers;
  private final Visibility visibility;

  /** Answers from the store. */
  public ProfilesEndpoint(ProfileReader profiles, Identifiers identifiers, Visibility visibility) {
    this.profiles = profiles;
    this.identifiers = identifiers;
    this.visibility = visibility;
  }

  /** One profile; an absorbed id answers with the canonical profile. */
  @GetMapping("/{id}")
  ResponseEntity<ProfileAnswer> get(
      Caller caller,
      @PathVariable String id,
      @RequestParam(required = false) @Nullable String include,
      @RequestParam(required = false) @Nullable String position,
      @RequestParam(required = false) @Nullable Integer wait,
      @RequestHeader(name = Visibility.HEADER, required = false) @Nullable String header,
      @RequestHeader(name = "If-None-Match", required = false) @Nullable String known) {
    if (include != null && !include.equals("provenance")) {
      throw Problem.invalid("include", "invalid_value", "must be provenance");
    }
    visibility.await(position, header, wait);
    ProfileId asked = id(id);
    Profile profile = require(caller, asked);
    String etag = IfMatch.etag(profile.changeNo());
    if (etag.equals(known) && include == null) {
      return ResponseEntity.status(304).eTag(etag).build();
    }
    ProfileAnswer answer =
        ProfileAnswer.from(profile)
            .with(
                asked.equals(profile.id()) ? null : asked,
                identifiers.of(caller.workspaceId(), profile.homes(), null, SHOWN_IDENTIFIERS),
                include == null ? null : provenance(caller, profile));
    return ResponseEntity.ok().eTag(etag).body(answer);
  }

  private SortedMap<String, TraitSource> provenance(Caller caller, Profile profile) {
    SortedMap<String, TraitSource> sources = new TreeMap<>();
    profiles
        .person(caller.workspaceId(), profile.id())
        .traits()
        .forEach((key, claim) -> {
          if (claim.value() != null) {
            sources.put(
                key,
                new TraitSource(
                    claim.value().toString(),
                    Micros.toInstant(claim.micros()),
                    claim.sourceId(),
                    claim.messageId()));
          }
        });
    return sources;
  }

  /** All profiles, the youngest first, or the one that an identifier names. */
  @GetMapping
  Page<ProfileAnswer> list(
      Caller caller,
      PageQuery page,
      @RequestParam(required = false) @Nullable String identifier,
      @RequestParam(required = false) @Nullable Instant at,
      @RequestParam(required = false) @Nullable String position,
      @RequestParam(required = false) @Nullable Integer wait,
      @RequestHeader(name = Visibility.HEADER, required = false) @Nullable String header) {
    if (identifier == null && at != null) {
      throw Problem.invalid("at", "invalid_value", "says when an identifier is meant; give one");
    }
    visibility.await(position, header, wait);
    if (identifier != null) {
      return new Page<>(
          named(caller, IdentifierQuery.parse(identifier), at).stream().toList(), null);
    }
    return Page.of(
            profiles.list(
                caller.workspaceId(),
                page.after(LIST, 1).map(cursor -> cursor.uuid(0)).orElse(null),
                page.fetchSize()),
            page,
            last -> Cursor.of(LIST, last.id().uuid()))
        .map(ProfileAnswer::from);
  }

  private Optional<ProfileAnswer> named(
      Caller caller, IdentifierQuery query, @Nullable Instant at) {
    return identifiers
        .holder(caller.workspaceId(), query.type(), query.value(), at)
        .flatMap(home ->
            profiles.find(caller.workspaceId(), home) instanceof Found.Present(Profile found)
                ? Optional.of(found)
                : Optional.empty())
        .map(found ->
            ProfileAnswer.from(found)
                .with(
                    null,
                    identifiers.of(caller.workspaceId(), found.homes(), null, SHOWN_IDENTIFIERS),
                    null));
  }

  /** The timeline, newest first. */
  @GetMapping("/{id}/events")
  Page<TimelineEvent> events(
      Caller caller,
      @PathVariable String id,
      PageQuery page,
      @RequestParam(required = false) @Nullable String type,
      @RequestParam(required = false) @Nullable String name,
      @RequestParam(required = false) @Nullable String position,
      @RequestParam(required = false) @Nullable Integer wait,
      @RequestHeader(name = Visibility.HEADER, required = false) @Nullable String header) {
    if (type != null && EventType.tryParse(type).isEmpty()) {
      throw Problem.invalid(
          "type", "invalid_value", "must be track, identify, page, screen, group or alias");
    }
    Optional<ProfileReader.Place> after =
        page.after(EVENTS, 3)
            .map(cursor ->
                new ProfileReader.Place(cursor.number(0), cursor.text(1), cursor.uuid(2)));
    visibility.await(position, header, wait);
    Profile profile = require(caller, id(id));
    List<StoredEvent> rows =
        profiles.events(
            caller.workspaceId(),
            profile.homes(),
            new Filter(type, name),
            after.orElse(null),
            page.fetchSize());
    return Page.of(
            rows,
            page,
            last -> Cursor.of(EVENTS, Micros.of(last.at()), last.messageId(), last.home().uuid()))
        .map(TimelineEvent::from);
  }

  /** Everything that names the profile. */
  @GetMapping("/{id}/identifiers")
  Page<HeldIdentifier> identifiers(Caller caller, @PathVariable String id, PageQuery page) {
    Profile profile = require(caller, id(id));
    Optional<Identifiers.Place> after =
        page.after(IDENTIFIERS, 3)
            .map(cursor -> new Identifiers.Place(cursor.text(0), cursor.text(1), cursor.number(2)));
    return Page.of(
        identifiers.of(caller.workspaceId(), profile.homes(), after.orElse(null), page.fetchSize()),
        page,
        last ->
            Cursor.of(
                IDENTIFIERS,
                last.type(),
                last.value(),
                last.validFrom() == null
                    ? Identifiers.ALWAYS
                    : (Long) Micros.of(last.validFrom())));
  }

  private Profile require(Caller caller, ProfileId id) {
    return switch (profiles.find(caller.workspaceId(), id)) {
      case Found.Present(Profile profile) -> profile;
      case Found.Erased _ ->
          throw Problem.of(410, "profile_erased", "This person was erased on request.");
      case Found.Unknown _ -> throw Problem.notFound("There is no profile " + id + ".");
    };
  }

  static ProfileId id(String text) {
    return ProfileId.tryParse(text)
        .orElseThrow(
            () -> Problem.notFound("There is no such profile; ids are prf_ and 32 hex digits."));
  }
}
