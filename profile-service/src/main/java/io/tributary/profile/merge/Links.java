package io.tributary.profile.merge;

import io.tributary.event.ProfileId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the root of each profile by following its links. */
final class Links {
  private Links() {}

  /**
   * The root of each profile. While records that belong together are still on their way, links may
   * form a circle for a moment; its smallest id is the root then, whoever looks first.
   */
  static Map<ProfileId, ProfileId> roots(Map<ProfileId, @Nullable ProfileId> mergedInto) {
    Map<ProfileId, ProfileId> roots = new HashMap<>();
    for (ProfileId id : mergedInto.keySet()) {
      roots.put(id, root(id, mergedInto));
    }
    return roots;
  }

  private static ProfileId root(ProfileId start, Map<ProfileId, @Nullable ProfileId> mergedInto) {
    Set<ProfileId> passed = new HashSet<>();
    ProfileId id = start;
    while (passed.add(id)) {
      ProfileId next = mergedInto.get(id);
      if (next == null) {
        return id;
      }
      id = next;
    }
    ProfileId smallest = id;
    for (ProfileId on = mergedInto.get(id); on != null && !on.equals(id); on = mergedInto.get(on)) {
      smallest = on.compareTo(smallest) < 0 ? on : smallest;
    }
    return smallest;
  }
}
