package io.tributary.profile.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.swagger.v3.oas.annotations.media.Schema;
import io.tributary.event.ProfileId;
import io.tributary.profile.store.Identifiers.HeldIdentifier;
import io.tributary.profile.store.ProfileReader.Profile;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * A person.
 *
 * @param id the canonical profile
 * @param requestedId the id that was asked for, where that's another: it was merged into {@code id}
 * @param mergedIds the other profiles that are part of it
 * @param identifiers at most 200 of them; see {@code /identifiers} for all
 * @param provenance where each trait came from, with {@code include=provenance}
 * @param changeNo counts what happened to the profile
 */
@Schema(name = "Profile")
@JsonInclude(JsonInclude.Include.NON_NULL)
record ProfileAnswer(
    ProfileId id,
    ProfileId canonicalId,
    @Nullable ProfileId requestedId,
    List<ProfileId> mergedIds,
    @JsonRawValue @Schema(types = "object", implementation = Object.class) String traits,
    @Nullable List<HeldIdentifier> identifiers,
    @JsonRawValue @Schema(types = "object", implementation = Object.class) String consent,
    long eventCount,
    @Nullable Instant firstSeen,
    @Nullable Instant lastSeen,
    long changeNo,
    @Nullable SortedMap<String, TraitSource> provenance) {
  static ProfileAnswer from(Profile profile) {
    return new ProfileAnswer(
        profile.id(),
        profile.id(),
        null,
        profile.homes().stream().filter(home -> !home.equals(profile.id())).toList(),
        profile.traits(),
        null,
        profile.consent(),
        profile.eventCount(),
        profile.firstSeen(),
        profile.lastSeen(),
        profile.changeNo(),
        null);
  }

  ProfileAnswer with(
      @Nullable ProfileId requested,
      List<HeldIdentifier> held,
      @Nullable SortedMap<String, TraitSource> sources) {
    return new ProfileAnswer(
        id,
        canonicalId,
        requested,
        mergedIds,
        traits,
        held,
        consent,
        eventCount,
        firstSeen,
        lastSeen,
        changeNo,
        sources);
  }

  /**
   * Where a trait's value came from.
   *
   * @param at time of the event that said so
   */
  record TraitSource(
      @JsonRawValue @Schema(implementation = Object.class) String value,
      Instant at,
      String sourceId,
      String messageId) {}
}
