package io.tributary.event;

import java.time.Instant;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;

/** What profile-service says on {@code profile.changes}: an input took effect. */
public sealed interface ProfileChange {

  /** The workspace that it belongs to. */
  String workspaceId();

  /** The profile whose partition it travels in, as it was canonical at the time. */
  ProfileId key();

  /** The JSON form. */
  byte[] encode();

  /**
   * Reads the JSON form.
   *
   * @throws MalformedRecordException when it isn't one
   */
  static ProfileChange decode(byte[] bytes) {
    RecordReader in = RecordReader.read(bytes);
    return switch (in.text("kind")) {
      case "event" ->
          new ProfileEvent(
              in.profile("profileId"),
              in.profile("homeId"),
              in.number("changeNo"),
              in.texts("traitKeys"),
              in.event());
      case "link" ->
          new ProfileRelinked(
              in.text("workspaceId"),
              in.profile("profileId"),
              in.profile("canonicalId"),
              in.profile("previousCanonicalId"),
              in.number("changeNo"),
              in.text("mergeId"),
              in.text("reason"),
              in.instant("at"));
      case "erased" ->
          new ProfileErased(
              in.text("workspaceId"),
              in.profile("profileId"),
              in.text("requestId"),
              in.instant("at"));
      default -> throw new MalformedRecordException("unknown kind of profile change");
    };
  }

  /**
   * An event was stored.
   *
   * @param profileId the canonical profile when it was applied
   * @param homeId where the event lies
   * @param changeNo counts what happened to the canonical profile; a later state has a higher one
   * @param traitKeys the top-level traits that the event carried, changed or not
   */
  record ProfileEvent(
      ProfileId profileId,
      ProfileId homeId,
      long changeNo,
      List<String> traitKeys,
      CollectedEvent event)
      implements ProfileChange {
    /** Copies the list. */
    public ProfileEvent {
      traitKeys = List.copyOf(traitKeys);
    }

    @Override
    public String workspaceId() {
      return event.workspaceId();
    }

    @Override
    public ProfileId key() {
      return profileId;
    }

    @Override
    public byte[] encode() {
      ArrayNode keys = Json.MAPPER.createArrayNode();
      traitKeys.forEach(keys::add);
      return new JsonBytes(event.json().length() + 240)
          .plain("kind", "event")
          .plain("profileId", profileId)
          .plain("homeId", homeId)
          .number("changeNo", changeNo)
          .raw("traitKeys", RawJson.of(keys))
          .raw("event", event.json())
          .close();
    }
  }

  /**
   * A profile was merged into another or split off again.
   *
   * @param profileId the profile whose link changed
   * @param canonicalId the root it belongs to now
   * @param previousCanonicalId the root it belonged to before
   */
  record ProfileRelinked(
      String workspaceId,
      ProfileId profileId,
      ProfileId canonicalId,
      ProfileId previousCanonicalId,
      long changeNo,
      String mergeId,
      String reason,
      Instant at)
      implements ProfileChange {
    @Override
    public ProfileId key() {
      return canonicalId;
    }

    @Override
    public byte[] encode() {
      return new JsonBytes(360)
          .plain("kind", "link")
          .text("workspaceId", workspaceId)
          .plain("profileId", profileId)
          .plain("canonicalId", canonicalId)
          .plain("previousCanonicalId", previousCanonicalId)
          .number("changeNo", changeNo)
          .text("mergeId", mergeId)
          .text("reason", reason)
          .plain("at", at)
          .close();
    }
  }

  /**
   * A person was erased; what is kept about {@code profileId} (a home or a root) elsewhere must go,
   * too.
   */
  record ProfileErased(String workspaceId, ProfileId profileId, String requestId, Instant at)
      implements ProfileChange {
    @Override
    public ProfileId key() {
      return profileId;
    }

    @Override
    public byte[] encode() {
      return new JsonBytes(200)
          .plain("kind", "erased")
          .text("workspaceId", workspaceId)
          .plain("profileId", profileId)
          .text("requestId", requestId)
          .plain("at", at)
          .close();
    }
  }
}
