package io.tributary.identity.resolve;

import io.tributary.identity.resolve.Decisions.Merge;
import io.tributary.identity.resolve.Decisions.NewNode;
import io.tributary.identity.resolve.Decisions.Refusal;
import io.tributary.identity.resolve.Decisions.Resolution;
import io.tributary.identity.resolve.Facts.Holding;
import io.tributary.identity.resolve.Facts.Root;
import io.tributary.identity.resolve.Facts.Veto;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** A graph in memory to which decisions are applied, batch by batch. */
final class World {
  static final String WORKSPACE = "ws_1";
  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

  private final Map<Identifier, List<Holding>> holdings = new HashMap<>();
  private final Map<UUID, UUID> mergedInto = new HashMap<>();
  private final Map<UUID, Root> nodes = new TreeMap<>(Order.BY_ID);
  private final Set<Veto> vetoes = new HashSet<>();
  private long ids;
  private long messages;
  final List<Merge> merges = new ArrayList<>();
  final List<Refusal> refusals = new ArrayList<>();

  static Identifier id(String type, String value) {
    return new Identifier(WORKSPACE, type, value);
  }

  static Identifier user(String value) {
    return id(Identifier.USER_ID, value);
  }

  static Identifier email(String value) {
    return id(Identifier.EMAIL, value);
  }

  static Identifier device(String value) {
    return id(Identifier.ANONYMOUS_ID, value);
  }

  /** An event at so many minutes after the start. */
  Incoming at(int minute, Identifier... identifiers) {
    return new Incoming(
        WORKSPACE,
        "src_1",
        "m" + ++messages,
        START.plusSeconds(60L * minute),
        Arrays.stream(identifiers).sorted().toList(),
        null);
  }

  Incoming alias(int minute, String previousId, Identifier... identifiers) {
    Incoming event = at(minute, identifiers);
    return new Incoming(
        WORKSPACE,
        "src_1",
        event.messageId(),
        event.at(),
        event.identifiers(),
        new Incoming.Previous(user(previousId), device(previousId)));
  }

  /** Resolves one event and returns its home. */
  UUID event(int minute, Identifier... identifiers) {
    return batch(at(minute, identifiers)).getFirst().home();
  }

  List<Resolution> batch(Incoming... events) {
    return batch(List.of(events));
  }

  List<Resolution> batch(List<Incoming> events) {
    Decisions decisions =
        Resolver.resolve(
            facts(),
            events,
            new NewIds(() -> new UUID(7, ++ids), () -> "mrg_" + ++ids),
            START.plusSeconds(ids));
    apply(decisions);
    return decisions.resolutions();
  }

  Facts facts() {
    Map<UUID, Root> roots = new HashMap<>();
    nodes.keySet().forEach(home -> roots.put(home, Objects.requireNonNull(nodes.get(root(home)))));
    return new Facts(holdings, roots, rooted(vetoes));
  }

  private Set<Veto> rooted(Set<Veto> pairs) {
    Set<Veto> rooted = new HashSet<>();
    pairs.forEach(veto -> rooted.add(Veto.of(root(veto.low()), root(veto.high()))));
    return rooted;
  }

  private void apply(Decisions decisions) {
    for (NewNode node : decisions.newNodes()) {
      nodes.put(
          node.id(),
          new Root(
              node.id(),
              WORKSPACE,
              node.createdAt(),
              node.userId(),
              node.homes(),
              node.linkVersion()));
      if (node.mergedInto() != null) {
        mergedInto.put(node.id(), node.mergedInto());
      }
    }
    for (Merge merge : decisions.merges()) {
      Root old = Objects.requireNonNull(nodes.get(merge.absorbed()));
      mergedInto.put(merge.absorbed(), merge.survivor());
      nodes.put(old.id(), new Root(old.id(), WORKSPACE, old.createdAt(), null, 0, merge.version()));
    }
    decisions
        .changedRoots()
        .forEach(root -> {
          Root old = Objects.requireNonNull(nodes.get(root.id()));
          nodes.put(
              root.id(),
              new Root(
                  old.id(),
                  WORKSPACE,
                  old.createdAt(),
                  root.userId(),
                  root.homes(),
                  old.linkVersion()));
        });
    decisions
        .assignments()
        .forEach(a -> {
          List<Holding> held = new ArrayList<>(holdings.getOrDefault(a.identifier(), List.of()));
          held.add(new Holding(a.from(), a.home()));
          held.sort(Comparator.comparing(Holding::from));
          holdings.put(a.identifier(), held);
        });
    merges.addAll(decisions.merges());
    refusals.addAll(decisions.refusals());
    check(decisions);
  }

  /** Forbids that the two homes' components ever become one. */
  void veto(UUID one, UUID other) {
    vetoes.add(Veto.of(one, other));
  }

  UUID root(UUID home) {
    UUID at = home;
    Set<UUID> seen = new HashSet<>();
    while (mergedInto.containsKey(at)) {
      if (!seen.add(at)) {
        throw new AssertionError("the links of " + home + " run in a circle");
      }
      at = Objects.requireNonNull(mergedInto.get(at));
    }
    return at;
  }

  /** The owner at a time, as a canonical profile. */
  UUID owner(Identifier identifier, int minute) {
    Instant at = START.plusSeconds(60L * minute);
    UUID home = null;
    for (Holding held : holdings.getOrDefault(identifier, List.of())) {
      if (home == null || !held.from().isAfter(at)) {
        home = held.home();
      }
    }
    return root(Objects.requireNonNull(home, () -> identifier + " has no owner"));
  }

  int holders(Identifier identifier) {
    return holdings.getOrDefault(identifier, List.of()).size();
  }

  int people() {
    return (int) nodes.keySet().stream().filter(id -> root(id).equals(id)).count();
  }

  /** The sets of identifiers that belong together, by their first owners. */
  Set<Set<Identifier>> partition() {
    Map<UUID, Set<Identifier>> sets = new HashMap<>();
    holdings.forEach((identifier, held) ->
        sets.computeIfAbsent(root(held.getFirst().home()), _ -> new TreeSet<>()).add(identifier));
    return new HashSet<>(sets.values());
  }

  /** Whatever happened: sizes add up, one userId per component, and every owner is a node. */
  private void check(Decisions decisions) {
    Map<UUID, Integer> homes = new HashMap<>();
    Map<UUID, Set<String>> users = new HashMap<>();
    nodes.keySet().forEach(id -> homes.merge(root(id), 1, Integer::sum));
    holdings.forEach((identifier, held) -> {
      for (Holding holding : held) {
        if (!nodes.containsKey(holding.home())) {
          throw new AssertionError(identifier + " belongs to nobody");
        }
        if (identifier.isUserId()) {
          users.computeIfAbsent(root(holding.home()), _ -> new HashSet<>()).add(identifier.value());
        }
      }
    });
    homes.forEach((id, count) -> {
      Root root = Objects.requireNonNull(nodes.get(id));
      Set<String> own = users.getOrDefault(id, Set.of());
      Set<String> said = root.userId() == null ? Set.of() : Set.of(root.userId());
      if (root.homes() != count || own.size() > 1 || !own.equals(said)) {
        throw new AssertionError("root " + root + " has " + count + " homes and users " + own);
      }
    });
    for (Resolution resolution : decisions.resolutions()) {
      if (!nodes.containsKey(resolution.home()) || !nodes.containsKey(resolution.canonical())) {
        throw new AssertionError("an event went to nobody: " + resolution);
      }
    }
  }
}
