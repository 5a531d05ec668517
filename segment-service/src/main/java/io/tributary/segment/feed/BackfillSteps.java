package io.tributary.segment.feed;

import io.tributary.conditions.CompiledCondition;
import io.tributary.conditions.KeptPattern;
import io.tributary.event.ProfileId;
import io.tributary.event.SegmentChange.Reason;
import io.tributary.segment.feed.Backfill.Lost;
import io.tributary.segment.membership.Behaviour.Occurrence;
import io.tributary.segment.membership.Cause;
import io.tributary.segment.membership.Crossings;
import io.tributary.segment.membership.Definition;
import io.tributary.segment.membership.Definitions;
import io.tributary.segment.membership.ProfileState;
import io.tributary.segment.store.BehaviourStore.Place;
import io.tributary.segment.store.Build;
import io.tributary.segment.store.Build.Step;
import io.tributary.segment.store.Matches;
import io.tributary.segment.store.ProfileKey;
import io.tributary.segment.store.Stores;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;

/** The chunks of a backfill, each within the caller's transaction. */
final class BackfillSteps {
  private static final int HOMES = 200;
  private static final int ROOTS = 500;
  private static final int ROWS = 5_000;

  private final Stores stores;
  private final Clock clock;

  BackfillSteps(Stores stores, Clock clock) {
    this.stores = stores;
    this.clock = clock;
  }

  /** Does one chunk and answers what is next; empty when all is done. */
  Optional<Build> chunk(Connection connection, Build build) throws SQLException {
    return switch (build.step()) {
      case FILL -> fill(connection, build);
      case EVALUATE -> evaluate(connection, build);
      case CLEAR -> clear(connection, build);
    };
  }

  private Optional<Build> fill(Connection connection, Build build) throws SQLException {
    Round round = round(connection, build);
    Definition definition = definition(round, build);
    List<KeptPattern> missing = missing(round, build, definition);
    if (build.after() == null) {
      long profiles = stores.profiles().count(connection, build.workspaceId());
      stores.builds().setTotal(connection, build, missing.isEmpty() ? profiles : profiles * 2);
    }
    List<ProfileId> page =
        missing.isEmpty()
            ? List.of()
            : stores.profiles().page(connection, build.workspaceId(), build.after(), false, HOMES);
    if (page.isEmpty()) {
      return Optional.of(step(build, Step.EVALUATE, null, build.done(), null));
    }
    SortedSet<ProfileKey> homes = keys(build, page);
    round.lock(homes, clock);
    Map<Place, List<Occurrence>> found = new HashMap<>();
    stores
        .events()
        .behaviour(connection, homes, missing, round.earliestBoundary())
        .forEach((place, behaviour) -> found.put(place, behaviour.latestFirst()));
    round.load(Map.of(), found);
    round.write();
    return Optional.of(advanced(connection, build, page));
  }

  /** The patterns that nobody has collected completely so far. */
  private static List<KeptPattern> missing(Round round, Build build, Definition definition) {
    Definitions definitions = round.definitions(build.workspaceId());
    CompiledCondition coming = definition.coming();
    return coming == null
        ? List.of()
        : coming.patterns().stream().filter(kept -> !definitions.hasCollected(kept)).toList();
  }

  /** Puts the condition into effect, and from then on decides about everybody. */
  private Optional<Build> evaluate(Connection connection, Build build) throws SQLException {
    if (build.after() == null && goLive(connection, build)) {
      return Optional.of(build);
    }
    Round round = round(connection, build);
    CompiledCondition live = definition(round, build).live();
    List<ProfileId> page =
        stores.profiles().page(connection, build.workspaceId(), build.after(), true, ROOTS);
    if (live == null || page.isEmpty()) {
      return finished(connection, build);
    }
    SortedSet<ProfileKey> roots = keys(build, candidates(connection, build, live, page));
    if (!roots.isEmpty()) {
      decide(round, build, roots);
    }
    return Optional.of(advanced(connection, build, page));
  }

  private boolean goLive(Connection connection, Build build) throws SQLException {
    stores.definitions().holdAlone(connection, build.workspaceId());
    boolean isNow = stores.builds().goLive(connection, build, clock.instant().plus(Backfill.LEASE));
    if (isNow) {
      stores.definitions().changed(connection, build.workspaceId());
    }
    return isNow;
  }

  private List<ProfileId> candidates(
      Connection connection, Build build, CompiledCondition live, List<ProfileId> page)
      throws SQLException {
    if (live.isTimeDependent()) {
      return page;
    }
    Set<ProfileId> candidates =
        new TreeSet<>(
            Matches.among(
                connection, live.condition(), build.workspaceId(), page, clock.instant()));
    candidates.addAll(
        stores
            .memberships()
            .outdated(
                connection, build.workspaceId(), build.segmentId(), build.targetVersion(), page));
    return List.copyOf(candidates);
  }

  private void decide(Round round, Build build, SortedSet<ProfileKey> roots) throws SQLException {
    round.lock(roots, clock);
    Set<String> segmentIds = Set.of(build.segmentId());
    round.load(
        round.roots().stream().collect(Collectors.toMap(root -> root, _ -> segmentIds)), Map.of());
    Definitions definitions = round.definitions(build.workspaceId());
    Map<String, Cause> causes = Map.of(build.segmentId(), Cause.of(Reason.DEFINITION));
    for (ProfileKey root : round.roots()) {
      if (roots.contains(root)) {
        round.put(root, Crossings.decide(definitions, round.state(root), causes, round.now()));
      }
    }
    round.write();
  }

  /** Everybody leaves a deleted segment; then what only it needed goes. */
  private Optional<Build> clear(Connection connection, Build build) throws SQLException {
    Round round = round(connection, build);
    List<ProfileId> members =
        stores.memberships().members(connection, build.workspaceId(), build.segmentId(), ROOTS);
    if (!members.isEmpty()) {
      SortedSet<ProfileKey> keys = keys(build, members);
      round.lock(keys, clock);
      keys.forEach(key -> leave(round, build, key));
      round.write();
      return Optional.of(advanced(connection, build, members));
    }
    int deleted =
        stores.memberships().deleteSome(connection, build.workspaceId(), build.segmentId(), ROWS);
    if (deleted == 0) {
      deleted =
          stores
              .behaviours()
              .deletePatterns(
                  connection, build.workspaceId(), orphans(connection, round, build), ROWS);
    }
    return deleted == 0
        ? finished(connection, build)
        : Optional.of(advanced(connection, build, List.of()));
  }

  private static void leave(Round round, Build build, ProfileKey key) {
    ProfileState state =
        new ProfileState(JsonNodeFactory.instance.objectNode(), Map.of(), round.standings(key));
    round.put(
        key, Crossings.leave(state, Set.of(build.segmentId()), Reason.DEFINITION, round.now()));
  }

  private List<String> orphans(Connection connection, Round round, Build build)
      throws SQLException {
    Definitions definitions = round.definitions(build.workspaceId());
    return stores
        .definitions()
        .patternsOf(connection, build.workspaceId(), build.segmentId())
        .stream()
        .filter(patternId -> definitions.keep(patternId) == 0)
        .toList();
  }

  private Round round(Connection connection, Build build) throws SQLException {
    return new Round(stores, connection, new TreeSet<>(Set.of(build.workspaceId())));
  }

  private static Definition definition(Round round, Build build) {
    Definition definition = round.definitions(build.workspaceId()).find(build.segmentId());
    if (definition == null) {
      throw new Lost();
    }
    return definition;
  }

  private static SortedSet<ProfileKey> keys(Build build, List<ProfileId> ids) {
    SortedSet<ProfileKey> keys = new TreeSet<>();
    ids.forEach(id -> keys.add(new ProfileKey(build.workspaceId(), id)));
    return keys;
  }

  private Build advanced(Connection connection, Build build, List<ProfileId> page)
      throws SQLException {
    ProfileId after = page.isEmpty() ? build.after() : page.getLast();
    long done = build.done() + page.size();
    return step(build, build.step(), after, done, connection);
  }

  private Build step(
      Build build, Step step, @Nullable ProfileId after, long done, @Nullable Connection connection)
      throws SQLException {
    Instant leaseUntil = clock.instant().plus(Backfill.LEASE);
    if (connection != null
        && !stores.builds().advance(connection, build, after, done, leaseUntil)) {
      throw new Lost();
    }
    return new Build(
        build.workspaceId(),
        build.segmentId(),
        step,
        build.targetVersion(),
        after,
        done,
        build.owner());
  }

  private Optional<Build> finished(Connection connection, Build build) throws SQLException {
    if (!stores.builds().finish(connection, build, clock.instant())) {
      throw new Lost();
    }
    return Optional.empty();
  }
}
