package io.tributary.segment.store;

import io.tributary.event.ProfileId;
import java.util.Comparator;

/**
 * A profile id (home or root) with its workspace; the order is the one in which rows are locked.
 */
public record ProfileKey(String workspaceId, ProfileId profileId)
    implements Comparable<ProfileKey> {
  private static final Comparator<ProfileKey> ORDER =
      Comparator.comparing(ProfileKey::workspaceId).thenComparing(ProfileKey::profileId);

  @Override
  public int compareTo(ProfileKey other) {
    return ORDER.compare(this, other);
  }

  /** Another profile of the same workspace. */
  public ProfileKey sibling(ProfileId other) {
    return new ProfileKey(workspaceId, other);
  }
}
