package io.tributary.profile.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.swagger.v3.oas.annotations.media.Schema;
import io.tributary.event.ProfileId;
import io.tributary.profile.store.ProfileReader.StoredEvent;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event of a profile's timeline.
 *
 * @param profileId the part of the profile that it belongs to for good, whatever is merged or split
 * @param event as it was accepted
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record TimelineEvent(
    String messageId,
    String type,
    @Nullable String name,
    Instant at,
    Instant receivedAt,
    String sourceId,
    ProfileId profileId,
    @JsonRawValue @Schema(types = "object", implementation = Object.class) String event) {
  static TimelineEvent from(StoredEvent event) {
    return new TimelineEvent(
        event.messageId(),
        event.type(),
        event.name(),
        event.at(),
        event.receivedAt(),
        event.sourceId(),
        event.home(),
        event.payload());
  }
}
