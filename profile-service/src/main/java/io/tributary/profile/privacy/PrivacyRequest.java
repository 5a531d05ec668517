package io.tributary.profile.privacy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.tributary.event.ProfileId;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a person asked for. It names the person by profile id only, so nothing personal stays after
 * an erasure.
 *
 * @param profileId the canonical profile when it was asked
 */
public record PrivacyRequest(
    String workspaceId,
    String id,
    Kind kind,
    ProfileId profileId,
    State state,
    Instant at,
    @Nullable Instant finishedAt) {

  /** What is to be done. */
  public enum Kind {
    /** Send nothing more. */
    SUPPRESS,
    /** Sending is allowed again. */
    UNSUPPRESS,
    /** Hand out everything that is held. */
    EXPORT,
    /** Delete everything that is held. */
    ERASE;

    /** The lower-case name used in JSON and in the database. */
    @JsonValue
    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Reads the lower-case name. */
    @JsonCreator
    public static Kind parse(String text) {
      return Arrays.stream(values())
          .filter(kind -> kind.wire().equals(text))
          .findFirst()
          .orElseThrow(() ->
              new IllegalArgumentException("must be one of suppress, unsuppress, export, erase"));
    }
  }

  /** How far it is. */
  public enum State {
    /** Accepted; its block, where it has one, holds already. */
    PENDING,
    /** This service is deleting. */
    RUNNING,
    /** This service is done; others are still deleting. */
    WAITING,
    /** Done everywhere. */
    DONE;

    /** The lower-case name used in JSON and in the database. */
    @JsonValue
    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }

    static State parse(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }
}
