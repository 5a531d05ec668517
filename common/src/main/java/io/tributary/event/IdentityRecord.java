package io.tributary.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What identity-service says on {@code identity.events}. */
public sealed interface IdentityRecord {

  /** The workspace that it belongs to. */
  String workspaceId();

  /** The profile whose partition it travels in. */
  ProfileId key();

  /** The JSON form. */
  byte[] encode();

  /**
   * Reads the JSON form.
   *
   * @throws MalformedRecordException when it isn't one
   */
  static IdentityRecord decode(byte[] bytes) {
    RecordReader in = RecordReader.read(bytes);
    return switch (in.text("kind")) {
      case "event" ->
          new ResolvedEvent(in.profile("profileId"), in.profile("canonicalId"), in.event());
      case "link" ->
          new ProfileLink(
              in.text("workspaceId"),
              in.profile("profileId"),
              in.optionalProfile("mergedInto"),
              in.profile("key"),
              in.number("version"),
              in.text("mergeId"),
              in.text("reason"),
              in.instant("at"));
      default -> throw new MalformedRecordException("unknown kind of identity record");
    };
  }

  /**
   * An event with its owner.
   *
   * @param profileId the home: where the event stays for good
   * @param canonicalId the root of the home's merges at the time of the decision; only a hint for
   *     partitioning
   */
  record ResolvedEvent(ProfileId profileId, ProfileId canonicalId, CollectedEvent event)
      implements IdentityRecord {
    @Override
    public String workspaceId() {
      return event.workspaceId();
    }

    @Override
    public ProfileId key() {
      return canonicalId;
    }

    @Override
    public byte[] encode() {
      return new JsonBytes(event.json().length() + 160)
          .plain("kind", "event")
          .plain("profileId", profileId)
          .plain("canonicalId", canonicalId)
          .raw("event", event.json())
          .close();
    }
  }

  /**
   * A merge or its undoing: from now on {@code profileId} is part of {@code mergedInto}, or stands
   * by itself when that's null.
   *
   * @param key the profile that absorbs, also when the merge is undone
   * @param version counts the changes of this profile's link; the highest wins
   * @param reason why, in a few words with the identifier types that matched, never their values
   */
  record ProfileLink(
      String workspaceId,
      ProfileId profileId,
      @Nullable ProfileId mergedInto,
      ProfileId key,
      long version,
      String mergeId,
      String reason,
      Instant at)
      implements IdentityRecord {
    @Override
    public byte[] encode() {
      return new JsonBytes(320)
          .plain("kind", "link")
          .text("workspaceId", workspaceId)
          .plain("profileId", profileId)
          .plain("mergedInto", mergedInto)
          .plain("key", key)
          .number("version", version)
          .text("mergeId", mergeId)
          .text("reason", reason)
          .plain("at", at)
          .close();
    }
  }
}
