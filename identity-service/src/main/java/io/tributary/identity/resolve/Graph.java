package io.tributary.identity.resolve;

import io.tributary.identity.resolve.Decisions.Assignment;
import io.tributary.identity.resolve.Decisions.Cause;
import io.tributary.identity.resolve.Decisions.Reason;
import io.tributary.identity.resolve.Facts.Holding;
import io.tributary.identity.resolve.Facts.Root;
import io.tributary.identity.resolve.Facts.Veto;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The identity graph as a batch goes on: what was known before plus what was decided so far. */
final class Graph {
  /** More homes than this in one component are never one person but a broken source. */
  static final int MAX_HOMES = 1000;

  private final Facts facts;
  private final NewIds ids;
  private final Instant now;
  private final Map<Identifier, List<Holding>> holdings = new HashMap<>();
  private final Map<UUID, Component> components = new HashMap<>();
  private final Map<UUID, Component> newNodes = new LinkedHashMap<>();
  private final List<Assignment> assignments = new ArrayList<>();
  private final List<Pending> merges = new ArrayList<>();
  private final Set<UUID> changed = new TreeSet<>(Order.BY_ID);
  private Set<Veto> vetoes;

  /** A root as it is by now, or a former root with the one that absorbed it. */
  private static final class Component {
    final Root root;
    final boolean known;
    @Nullable String userId;
    int homes;
    long linkVersion;
    @Nullable Component into;

    Component(Root root, boolean known) {
      this.root = root;
      this.known = known;
      this.userId = root.userId();
      this.homes = root.homes();
      this.linkVersion = root.linkVersion();
    }

    Component top() {
      Component top = this;
      while (top.into != null) {
        top = top.into;
      }
      return top;
    }
  }

  private record Pending(
      String id, int event, Component absorbed, UUID survivor, long version, Cause cause) {}

  Graph(Facts facts, NewIds ids, Instant now) {
    this.facts = facts;
    this.ids = ids;
    this.now = now;
    this.vetoes = facts.vetoes();
  }

  /** Whose the identifier is at a time; empty when nobody's. */
  Optional<UUID> owner(Identifier identifier, Instant at) {
    List<Holding> known = holdingsOf(identifier);
    for (int i = known.size() - 1; i >= 0; i--) {
      if (!known.get(i).from().isAfter(at)) {
        return Optional.of(known.get(i).home());
      }
    }
    return Optional.empty();
  }

  UUID root(UUID home) {
    return component(home).root.id();
  }

  @Nullable String userId(UUID home) {
    return component(home).userId;
  }

  /** Begins a home. */
  UUID create(String workspaceId) {
    UUID id = ids.profiles().get();
    Component component = new Component(new Root(id, workspaceId, now, null, 1, 0), false);
    components.put(id, component);
    newNodes.put(id, component);
    return id;
  }

  /** Gives an identifier to a home from a time on; nothing where that very time is taken. */
  void assign(Identifier identifier, Instant from, UUID home, Incoming event) {
    List<Holding> sorted = new ArrayList<>(holdingsOf(identifier));
    int place = 0;
    while (place < sorted.size() && sorted.get(place).from().isBefore(from)) {
      place++;
    }
    if (place < sorted.size() && sorted.get(place).from().equals(from)) {
      return;
    }
    sorted.add(place, new Holding(from, home));
    holdings.put(identifier, List.copyOf(sorted));
    assignments.add(new Assignment(identifier, from, home, event.sourceId(), event.messageId()));
    if (identifier.isUserId()) {
      Component component = component(home);
      component.userId = identifier.value();
      touch(component);
    }
  }

  /** Why the two homes can't belong to one person; empty when they can, or already do. */
  Optional<Reason> obstacle(UUID home, UUID other) {
    Component one = component(home);
    Component two = component(other);
    if (one == two) {
      return Optional.empty();
    }
    if (one.userId != null && two.userId != null) {
      return Optional.of(Reason.OTHER_USER_ID);
    }
    if (vetoes.contains(Veto.of(one.root.id(), two.root.id()))) {
      return Optional.of(Reason.SPLIT_BY_HAND);
    }
    return one.homes + two.homes > MAX_HOMES
        ? Optional.of(Reason.TOO_MANY_HOMES)
        : Optional.empty();
  }

  /** Links the components of two homes unless they are one. */
  void merge(UUID home, UUID other, int event, Cause cause) {
    Component one = component(home);
    Component two = component(other);
    if (one == two) {
      return;
    }
    Component survivor = survivor(one, two);
    Component absorbed = survivor == one ? two : one;
    touch(survivor);
    touch(absorbed);
    survivor.homes += absorbed.homes;
    absorbed.linkVersion++;
    absorbed.into = survivor;
    moveVetoes(absorbed.root.id(), survivor.root.id());
    merges.add(
        new Pending(
            ids.merges().get(), event, absorbed, survivor.root.id(), absorbed.linkVersion, cause));
  }

  /** The one with the userId; among equals the older. */
  private static Component survivor(Component one, Component two) {
    if (one.userId != null || two.userId != null) {
      return one.userId != null ? one : two;
    }
    int byAge = one.root.createdAt().compareTo(two.root.createdAt());
    int order = byAge != 0 ? byAge : Order.compare(one.root.id(), two.root.id());
    return order <= 0 ? one : two;
  }

  private void moveVetoes(UUID absorbed, UUID survivor) {
    if (vetoes.isEmpty()) {
      return;
    }
    Set<Veto> moved = HashSet.newHashSet(vetoes.size());
    for (Veto veto : vetoes) {
      moved.add(
          Veto.of(
              veto.low().equals(absorbed) ? survivor : veto.low(),
              veto.high().equals(absorbed) ? survivor : veto.high()));
    }
    vetoes = moved;
  }

  private void touch(Component component) {
    if (component.known) {
      changed.add(component.root.id());
    }
  }

  private List<Holding> holdingsOf(Identifier identifier) {
    List<Holding> decided = holdings.get(identifier);
    return decided != null ? decided : facts.holdings().getOrDefault(identifier, List.of());
  }

  private Component component(UUID home) {
    Component found = components.get(home);
    if (found == null) {
      Root root = facts.roots().get(home);
      if (root == null) {
        throw new IllegalStateException("the root of home " + home + " was not loaded");
      }
      found = components.computeIfAbsent(root.id(), id -> new Component(root, true));
      components.put(home, found);
    }
    return found.top();
  }

  Decisions decisions(List<Decisions.Resolution> resolutions, List<Decisions.Refusal> refusals) {
    return new Decisions(
        List.copyOf(resolutions),
        newNodes.values().stream().map(Graph::newNode).toList(),
        changed.stream()
            .map(id -> component(id).root.id().equals(id) ? component(id) : null)
            .filter(java.util.Objects::nonNull)
            .map(c ->
                new Decisions.ChangedRoot(c.root.workspaceId(), c.root.id(), c.userId, c.homes))
            .toList(),
        List.copyOf(assignments),
        merges.stream().map(Graph::merge).toList(),
        List.copyOf(refusals));
  }

  private static Decisions.NewNode newNode(Component node) {
    Component top = node.top();
    return new Decisions.NewNode(
        node.root.workspaceId(),
        node.root.id(),
        top.root.id(),
        node.into == null ? null : node.into.root.id(),
        node.linkVersion,
        node.into == null ? node.userId : null,
        node.into == null ? node.homes : 0,
        node.root.createdAt());
  }

  private static Decisions.Merge merge(Pending merge) {
    Component absorbed = merge.absorbed();
    return new Decisions.Merge(
        merge.id(),
        merge.event(),
        absorbed.root.workspaceId(),
        absorbed.root.id(),
        merge.survivor(),
        merge.version(),
        merge.cause(),
        absorbed.top().root.id(),
        absorbed.known);
  }
}
