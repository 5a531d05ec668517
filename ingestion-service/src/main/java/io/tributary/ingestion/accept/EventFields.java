package io.tributary.ingestion.accept;

import io.tributary.event.EventType;
import io.tributary.event.RawJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/** Reads the fields of one event and gathers what is wrong with them. */
final class EventFields {
  static final RawJson EMPTY = RawJson.of("{}");

  private final RawEvent event;
  private final String prefix;
  private final List<Reason> reasons = new ArrayList<>(0);

  /**
   * The fields of an event, or of the batch around it.
   *
   * @param prefix what their paths begin with
   */
  EventFields(RawEvent event, String prefix) {
    this.event = event;
    this.prefix = prefix;
  }

  /** What was found so far; grows. */
  List<Reason> reasons() {
    return reasons;
  }

  void check(boolean holds, String code, String path, String message) {
    if (!holds) {
      reasons.add(new Reason(code, prefix + path, message));
    }
  }

  /**
   * A text; null, empty and blank count as absent.
   *
   * @param id whether it's an id: then a number is taken as text
   */
  @Nullable String text(String name, boolean id) {
    Field field = event.field(name);
    if (field == null) {
      return null;
    }
    if (!field.isText() && !(id && field.isNumber())) {
      check(false, "wrong_type", name, id ? "must be a text or a number" : "must be a text");
      return null;
    }
    // A character has 6 bytes at most (as an escape): what's longer needn't be decoded.
    boolean fits = field.length() - 2 <= 6 * Limits.TEXT_LENGTH;
    String text = fits ? field.text() : "";
    fits &= text.length() <= Limits.TEXT_LENGTH;
    check(fits, "too_long", name, "may have " + Limits.TEXT_LENGTH + " characters");
    return text.isBlank() ? null : text;
  }

  @Nullable String messageId() {
    String id = text("messageId", true);
    if (id != null && id.length() > Limits.MESSAGE_ID_LENGTH) {
      check(false, "too_long", "messageId", "must have fewer than 100 characters");
      return null;
    }
    return id;
  }

  @Nullable EventType type() {
    Field field = event.field("type");
    Optional<EventType> type =
        field != null && field.isText() && field.length() < 64
            ? EventType.tryParse(field.text())
            : Optional.empty();
    check(
        type.isPresent(),
        field == null ? "required" : "unknown_type",
        "type",
        "must be track, identify, page, screen, group or alias");
    return type.orElse(null);
  }

  /** An object; an empty list counts as an empty object, since PHP can't tell them apart. */
  @Nullable Field object(String name) {
    Field field = event.field(name);
    if (field == null || field.isObject() || isEmptyList(field)) {
      return field;
    }
    check(false, "wrong_type", name, "must be an object");
    return null;
  }

  @Nullable Instant time(String name) {
    Field field = event.field(name);
    if (field == null) {
      return null;
    }
    boolean readable = (field.isText() || field.isNumber()) && field.length() <= 128;
    String text = readable ? field.text() : "";
    if (readable && text.isBlank()) {
      return null;
    }
    Optional<Instant> time = readable ? Times.parse(text, field.isNumber()) : Optional.empty();
    check(
        time.isPresent(),
        "invalid_time",
        name,
        "must be a time in ISO 8601 such as 2026-01-31T12:00:00.000Z, or milliseconds since 1970");
    return time.orElse(null);
  }

  /** What each call can't do without. */
  void require(
      EventType type,
      @Nullable String userId,
      @Nullable String anonymousId,
      @Nullable String previousId,
      @Nullable String groupId,
      @Nullable String name) {
    switch (type) {
      case TRACK -> {
        identified(userId, anonymousId);
        present(name, "event", "a track call names its event");
      }
      case IDENTIFY, PAGE, SCREEN -> identified(userId, anonymousId);
      case GROUP -> present(groupId, "groupId", "a group call names its group");
      case ALIAS -> {
        present(userId, "userId", "an alias call names the new id");
        present(previousId, "previousId", "an alias call names the id used before");
      }
    }
  }

  private void identified(@Nullable String userId, @Nullable String anonymousId) {
    boolean wrong = reasons.stream().anyMatch(r -> r.path().endsWith("Id"));
    check(
        userId != null || anonymousId != null || wrong,
        "no_user_anon_id",
        "userId",
        "an event needs a userId or an anonymousId");
  }

  private void present(@Nullable String value, String path, String message) {
    boolean wrong = reasons.stream().anyMatch(r -> r.path().equals(path));
    check(value != null || wrong, "required", path, message);
  }

  private static boolean isEmptyList(Field field) {
    if (field.token() != JsonToken.START_ARRAY) {
      return false;
    }
    for (int i = field.from() + 1; i < field.to() - 1; i++) {
      if (field.source()[i] > ' ') {
        return false;
      }
    }
    return true;
  }
}
