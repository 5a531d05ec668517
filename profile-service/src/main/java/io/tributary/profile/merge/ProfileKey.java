package io.tributary.profile.merge;

import io.tributary.event.ProfileId;

/** One profile of one workspace. */
public record ProfileKey(String workspaceId, ProfileId id) implements Comparable<ProfileKey> {
  @Override
  public int compareTo(ProfileKey other) {
    int order = workspaceId.compareTo(other.workspaceId);
    return order != 0 ? order : id.compareTo(other.id);
  }
}
