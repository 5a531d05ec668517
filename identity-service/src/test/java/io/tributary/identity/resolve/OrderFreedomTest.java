package io.tributary.identity.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;

/** What the graph must have in common with union-find over the same facts. */
class OrderFreedomTest {
  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);

  /** One event's identifiers. */
  private List<Identifier> identifiers(int people, boolean withUsers) {
    int person = random.nextInt(people);
    Set<Identifier> chosen = new TreeSet<>();
    int wanted = 1 + random.nextInt(3);
    while (chosen.size() < wanted) {
      chosen.add(
          switch (random.nextInt(withUsers ? 5 : 4)) {
            case 0 -> World.email("e" + (person + random.nextInt(2)) + "@x.io");
            case 1 -> World.id("phone", "+4915" + person);
            case 2 -> World.id("external:card", "c" + (person + random.nextInt(2)));
            case 3 -> World.device("d" + (person * 2 + random.nextInt(3)));
            default -> World.user("u" + person);
          });
    }
    return List.copyOf(chosen);
  }

  @RepeatedTest(300)
  void whereNoLimitDecidesAnyOrderGivesTheSamePartitionAsUnionFind() {
    List<List<Identifier>> facts = new ArrayList<>();
    int count = 1 + random.nextInt(60);
    for (int i = 0; i < count; i++) {
      facts.add(identifiers(1 + count / 3, false));
    }
    Set<Set<Identifier>> expected = unionFind(facts);
    for (int shuffle = 0; shuffle < 4; shuffle++) {
      Collections.shuffle(facts, random);
      World world = new World();
      play(world, facts);
      assertThat(world.partition()).as("seed %d", seed).isEqualTo(expected);
      assertThat(world.refusals).as("seed %d", seed).isEmpty();
      assertThat(world.people()).as("seed %d", seed).isEqualTo(expected.size());
    }
  }

  /** With one userId per true component, userIds must not disturb either. */
  @RepeatedTest(300)
  void aUserIdPerPersonChangesNothingOfThat() {
    List<List<Identifier>> facts = new ArrayList<>();
    int count = 1 + random.nextInt(40);
    for (int i = 0; i < count; i++) {
      facts.add(identifiers(1 + count / 4, false));
    }
    List<List<Identifier>> known = new ArrayList<>(facts);
    for (Set<Identifier> person : unionFind(facts)) {
      List<Identifier> all = List.copyOf(person);
      for (int i = random.nextInt(4); i > 0; i--) {
        known.add(
            List.of(
                World.user("of " + all.getFirst().value()), all.get(random.nextInt(all.size()))));
      }
    }
    Set<Set<Identifier>> expected = unionFind(known);
    for (int shuffle = 0; shuffle < 4; shuffle++) {
      Collections.shuffle(known, random);
      World world = new World();
      play(world, known);
      assertThat(world.partition()).as("seed %d", seed).isEqualTo(expected);
      assertThat(world.refusals).as("seed %d", seed).isEmpty();
    }
  }

  @RepeatedTest(300)
  void whateverComesTwoKnownPeopleNeverBecomeOne() {
    World world = new World();
    List<List<Identifier>> facts = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      facts.add(identifiers(8, true));
    }
    // The world checks after each batch that no component has two userIds.
    play(world, facts);
    Set<Set<Identifier>> bound = unionFind(facts);
    for (Set<Identifier> person : world.partition()) {
      assertThat(bound).as("seed %d", seed).anyMatch(component -> component.containsAll(person));
    }
  }

  /** In batches of any size, with repetitions. */
  private void play(World world, List<List<Identifier>> facts) {
    List<Incoming> events = new ArrayList<>();
    for (List<Identifier> fact : facts) {
      for (int times = random.nextInt(5) == 0 ? 2 : 1; times > 0; times--) {
        events.add(world.at(random.nextInt(100), fact.toArray(Identifier[]::new)));
      }
    }
    for (int from = 0; from < events.size(); ) {
      int to = Math.min(events.size(), from + 1 + random.nextInt(12));
      world.batch(events.subList(from, to));
      from = to;
    }
  }

  private static Set<Set<Identifier>> unionFind(List<List<Identifier>> facts) {
    Map<Identifier, Identifier> parent = new HashMap<>();
    for (List<Identifier> fact : facts) {
      fact.forEach(identifier -> parent.putIfAbsent(identifier, identifier));
      fact.forEach(
          identifier -> parent.put(find(parent, identifier), find(parent, fact.getFirst())));
    }
    Map<Identifier, Set<Identifier>> sets = new HashMap<>();
    for (Identifier identifier : parent.keySet()) {
      sets.computeIfAbsent(find(parent, identifier), _ -> new TreeSet<>()).add(identifier);
    }
    return new HashSet<>(sets.values());
  }

  private static Identifier find(Map<Identifier, Identifier> parent, Identifier identifier) {
    Identifier at = identifier;
    while (!parent.getOrDefault(at, at).equals(at)) {
      at = parent.getOrDefault(at, at);
    }
    return at;
  }
}
