package io.tributary.segment.feed;

import io.tributary.segment.membership.Behaviour;
import io.tributary.segment.membership.Behaviour.Occurrence;
import io.tributary.segment.membership.Decision;
import io.tributary.segment.membership.Definitions;
import io.tributary.segment.membership.ProfileState;
import io.tributary.segment.membership.Standing;
import io.tributary.segment.store.BehaviourStore.Place;
import io.tributary.segment.store.EventReader;
import io.tributary.segment.store.MessageKey;
import io.tributary.segment.store.ProfileKey;
import io.tributary.segment.store.ProfileReader.Loaded;
import io.tributary.segment.store.ProfileReader.Root;
import io.tributary.segment.store.States;
import io.tributary.segment.store.Stores;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One transaction's way from locks to what is written: lock, load, fold, (decide), write. All that
 * changes memberships goes this way, so whoever holds a profile's lock sees it as it is.
 */
final class Round {
  private final Stores stores;
  private final Connection connection;
  private final Map<String, Definitions> definitions;
  private Map<ProfileKey, ProfileKey> rootOf = Map.of();
  private Map<ProfileKey, Root> roots = Map.of();
  private Set<ProfileKey> evaluated = Set.of();
  private Map<ProfileKey, Map<String, Standing>> standings = Map.of();
  private final Map<ProfileKey, Map<String, Behaviour>> behaviours = new HashMap<>();
  private final Map<Place, Behaviour> folded = new HashMap<>();
  private final SortedMap<ProfileKey, Decision> decisions = new TreeMap<>();
  private Instant now = Instant.EPOCH;
  private Map<MessageKey, String> traces = Map.of();

  Round(Stores stores, Connection connection, SortedSet<String> workspaceIds) throws SQLException {
    this.stores = stores;
    this.connection = connection;
    this.definitions = stores.definitions().hold(connection, workspaceIds);
  }

  /** Gives the traces of messages to the crossings that they cause. */
  void follow(Map<MessageKey, String> messages) {
    traces = messages;
  }

  Definitions definitions(String workspaceId) {
    return definitions.getOrDefault(workspaceId, Definitions.NONE);
  }

  /** Locks these ids and their roots, and reads how they stand. */
  void lock(Collection<ProfileKey> ids, Clock clock) throws SQLException {
    SortedSet<ProfileKey> wanted = new TreeSet<>(ids);
    wanted.addAll(stores.profiles().roots(connection, ids).values());
    lockGuessed(wanted, clock);
  }

  /**
   * Locks these ids, among which are probably all of their roots, and reads how they stand. From
   * here on the moment is fixed, so that moments go up with the order of locks. A root that wasn't
   * guessed is locked out of order, so two that do this may have to be done again.
   */
  void lockGuessed(Collection<ProfileKey> ids, Clock clock) throws SQLException {
    SortedSet<ProfileKey> locked = new TreeSet<>();
    SortedSet<ProfileKey> wanted = new TreeSet<>(ids);
    Set<ProfileKey> decided = new HashSet<>();
    Loaded loaded;
    do {
      decided.addAll(stores.locks().lock(connection, wanted));
      locked.addAll(wanted);
      loaded = stores.profiles().load(connection, locked);
      wanted = new TreeSet<>(loaded.rootOf().values());
      wanted.removeAll(locked);
    } while (!wanted.isEmpty());
    evaluated = decided;
    now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    rootOf = loaded.rootOf();
    roots = loaded.roots();
    standings = stores.memberships().load(connection, locked);
  }

  Instant now() {
    return now;
  }

  /** The locked profiles that stand for themselves. */
  Set<ProfileKey> roots() {
    return roots.keySet();
  }

  boolean isRoot(ProfileKey key) {
    return roots.containsKey(key);
  }

  /** The root of a locked id; null when it has none any more. */
  @Nullable ProfileKey rootOf(ProfileKey id) {
    return rootOf.get(id);
  }

  /** Whether the profile store still knows the locked id. */
  boolean exists(ProfileKey id) {
    return rootOf.containsKey(id);
  }

  /** Those of the roots that were never decided about as such. */
  Set<ProfileKey> unevaluatedRoots() {
    Set<ProfileKey> unevaluated = new HashSet<>(roots.keySet());
    unevaluated.removeAll(evaluated);
    return unevaluated;
  }

  /** Reads the behaviour that deciding about these segments, and folding, needs. */
  void load(Map<ProfileKey, Set<String>> segmentIds, Map<Place, List<Occurrence>> more)
      throws SQLException {
    Set<ProfileKey> homes = new HashSet<>();
    Set<String> patternIds = new TreeSet<>();
    for (Map.Entry<ProfileKey, Set<String>> entry : segmentIds.entrySet()) {
      Root root = roots.get(entry.getKey());
      if (root != null) {
        Definitions own = definitions(root.key().workspaceId());
        homes.addAll(root.homes());
        patternIds.addAll(own.patternIds(own.withDependents(entry.getValue())));
      }
    }
    for (Place place : more.keySet()) {
      homes.add(place.home());
      patternIds.add(place.patternId());
    }
    stores.behaviours().load(connection, homes, patternIds).forEach(this::keep);
    more.forEach(this::fold);
  }

  private void keep(Place place, Behaviour behaviour) {
    behaviours
        .computeIfAbsent(place.home(), _ -> new HashMap<>())
        .put(place.patternId(), behaviour);
  }

  private void fold(Place place, List<Occurrence> more) {
    if (!exists(place.home())) {
      return;
    }
    Behaviour before =
        behaviours
            .getOrDefault(place.home(), Map.of())
            .getOrDefault(place.patternId(), Behaviour.NONE);
    int keep = definitions(place.home().workspaceId()).keep(place.patternId());
    Behaviour after = before.with(more).pruned(keep, boundary(place.home()));
    if (!after.equals(before)) {
      keep(place, after);
      folded.put(place, after);
    }
  }

  /**
   * The earliest moment as of which somebody may still ask: a due time that has passed but was not
   * acted upon yet holds it back.
   */
  private long boundary(ProfileKey home) {
    Instant earliest = now;
    ProfileKey root = rootOf.getOrDefault(home, home);
    for (Standing standing : standings.getOrDefault(root, Map.of()).values()) {
      Instant due = standing.dueAt();
      if (due != null && !due.isAfter(earliest)) {
        earliest = due.minusNanos(1_000);
      }
    }
    return EventReader.micros(earliest);
  }

  Instant earliestBoundary() {
    long earliest = EventReader.micros(now);
    for (ProfileKey home : rootOf.keySet()) {
      earliest = Math.min(earliest, boundary(home));
    }
    return Instant.EPOCH.plus(earliest, ChronoUnit.MICROS);
  }

  /** All that is known of a locked root. */
  ProfileState state(ProfileKey key) {
    Root root = roots.get(key);
    if (root == null) {
      throw new IllegalStateException("not a locked root: " + key.profileId());
    }
    Map<ProfileKey, Map<String, Behaviour>> own = new HashMap<>();
    root.homes().forEach(home -> own.put(home, behaviours.getOrDefault(home, Map.of())));
    return States.unite(root, own.values(), standings(key));
  }

  /** What stands of a locked id, root or not. */
  Map<String, Standing> standings(ProfileKey key) {
    return standings.getOrDefault(key, Map.of());
  }

  void put(ProfileKey key, Decision decision) {
    if (!decision.isEmpty()) {
      decisions.put(key, decision);
    }
  }

  /** Writes everything; answers how many crossings there were. */
  int write() throws SQLException {
    stores.behaviours().save(connection, folded);
    stores.memberships().save(connection, decisions);
    return stores.transitions().append(connection, decisions, traces);
  }
}
