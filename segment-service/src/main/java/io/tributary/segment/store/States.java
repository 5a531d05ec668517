package io.tributary.segment.store;

import io.tributary.conditions.Occurrences;
import io.tributary.segment.membership.Behaviour;
import io.tributary.segment.membership.ProfileState;
import io.tributary.segment.membership.Standing;
import io.tributary.segment.store.ProfileReader.Root;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is known of a root, put together from what is kept per home. */
public final class States {
  private States() {}

  /** Unites what the homes of a root did: no event lies in two homes. */
  public static ProfileState unite(
      Root root, Collection<Map<String, Behaviour>> homes, Map<String, Standing> standings) {
    Map<String, List<Long>> times = new HashMap<>();
    for (Map<String, Behaviour> home : homes) {
      home.forEach((patternId, behaviour) -> {
        List<Long> all = times.computeIfAbsent(patternId, _ -> new ArrayList<>());
        behaviour.latestFirst().forEach(occurrence -> all.add(occurrence.time()));
      });
    }
    Map<String, Occurrences> occurrences = new HashMap<>();
    times.forEach((patternId, all) ->
        occurrences.put(
            patternId, Occurrences.of(all.stream().mapToLong(Long::longValue).toArray())));
    return new ProfileState(root.traits(), occurrences, standings);
  }

  /** Reads the state of a root without any lock, to look at it. */
  public static ProfileState read(
      Connection connection, Stores stores, Root root, Set<String> patternIds) throws SQLException {
    Map<ProfileKey, Map<String, Behaviour>> homes = new HashMap<>();
    stores
        .behaviours()
        .load(connection, root.homes(), patternIds)
        .forEach((place, behaviour) ->
            homes
                .computeIfAbsent(place.home(), _ -> new HashMap<>())
                .put(place.patternId(), behaviour));
    Map<String, Standing> standings =
        stores
            .memberships()
            .load(connection, List.of(root.key()))
            .getOrDefault(root.key(), Map.of());
    return unite(root, homes.values(), standings);
  }
}
