package io.tributary.profile.merge;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.IdentityRecord.ProfileLink;
import io.tributary.event.ProfileId;
import io.tributary.event.RawJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever the order in which events and links arrive, the state is the same in the end. */
class MergePropertyTest {
  private static final String WORKSPACE = "ws_a";
  private static final List<String> KEYS = List.of("email", "country", "plan");
  private static final List<String> CATEGORIES = List.of("ads", "analytics");

  private sealed interface Fact {
    record Event(ProfileKey home, EventFacts facts) implements Fact {}

    record Link(ProfileLink link) implements Fact {}
  }

  @Test
  void theSameFactsInAnyOrderAndAnyBatchesGiveTheSameState() {
    long seed = new Random().nextLong();
    System.out.println("MergePropertyTest seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      List<Fact> facts = facts(random);
      Map<ProfileKey, Home> first = replay(facts, random);
      assertRoots(first, facts);
      assertTraits(first, facts);
      for (int order = 0; order < 5; order++) {
        List<Fact> shuffled = new ArrayList<>(facts);
        Collections.shuffle(shuffled, random);
        assertThat(visible(replay(shuffled, random)))
            .as("seed %d round %d", seed, round)
            .isEqualTo(visible(first));
      }
    }
  }

  private static List<Fact> facts(Random random) {
    List<ProfileKey> homes = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      homes.add(new ProfileKey(WORKSPACE, new ProfileId(new UUID(0x7000, random.nextLong()))));
    }
    List<Fact> facts = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      facts.add(event(random, homes, i));
    }
    for (ProfileKey home : homes) {
      int versions = random.nextInt(4);
      for (int version = 1; version <= versions; version++) {
        facts.add(new Fact.Link(link(random, homes, home, version)));
      }
    }
    return facts;
  }

  /** Links are drawn without regard to circles, which must do no harm either. */
  private static ProfileLink link(
      Random random, List<ProfileKey> homes, ProfileKey home, int version) {
    ProfileId other = homes.get(random.nextInt(homes.size())).id();
    ProfileId target = other.equals(home.id()) || random.nextInt(4) == 0 ? null : other;
    return new ProfileLink(
        WORKSPACE,
        home.id(),
        target,
        other,
        version,
        "mrg_" + version,
        "test",
        Instant.ofEpochMilli(random.nextInt(20)));
  }

  private static Fact event(Random random, List<ProfileKey> homes, int number) {
    long micros = random.nextInt(20) * 1000L;
    String message = "m" + number;
    Map<String, Claim> traits = new HashMap<>();
    Map<String, Claim> consent = new HashMap<>();
    for (String key : KEYS) {
      if (random.nextBoolean()) {
        RawJson value = random.nextInt(4) == 0 ? null : RawJson.of("" + random.nextInt(3));
        traits.put(key, new Claim(value, micros, "src", message));
      }
    }
    for (String category : CATEGORIES) {
      if (random.nextInt(3) == 0) {
        RawJson value = RawJson.of(random.nextBoolean() ? "true" : "false");
        consent.put(category, new Claim(value, micros, "src", message));
      }
    }
    return new Fact.Event(
        homes.get(random.nextInt(homes.size())),
        new EventFacts(traits, consent, micros, random.nextInt(5) > 0, List.of()));
  }

  /** Plays the facts in batches of random size, each with only the families that it names. */
  private static Map<ProfileKey, Home> replay(List<Fact> facts, Random random) {
    Map<ProfileKey, Home> table = new HashMap<>();
    int at = 0;
    while (at < facts.size()) {
      int end = Math.min(facts.size(), at + 1 + random.nextInt(8));
      batch(table, facts.subList(at, end));
      at = end;
    }
    return table;
  }

  private static void batch(Map<ProfileKey, Home> table, List<Fact> facts) {
    List<ProfileKey> wanted = new ArrayList<>();
    for (Fact fact : facts) {
      switch (fact) {
        case Fact.Event(ProfileKey home, EventFacts said) -> wanted.add(home);
        case Fact.Link(ProfileLink link) -> {
          wanted.add(new ProfileKey(WORKSPACE, link.profileId()));
          if (link.mergedInto() != null) {
            wanted.add(new ProfileKey(WORKSPACE, link.mergedInto()));
          }
        }
      }
    }
    wanted.forEach(key -> table.computeIfAbsent(key, Home::create));
    List<ProfileId> roots =
        wanted.stream().map(key -> requireNonNull(table.get(key)).canonicalId()).toList();
    Families families =
        new Families(
            table.values().stream().filter(home -> roots.contains(home.canonicalId())).toList());
    for (Fact fact : facts) {
      switch (fact) {
        case Fact.Event(ProfileKey home, EventFacts said) -> {
          assertThat(families.number(home)).isPresent();
          families.fold(home, said);
        }
        case Fact.Link(ProfileLink link) -> families.link(link);
      }
    }
    for (Families.Changed changed : families.changed()) {
      Home old = table.put(changed.home().key(), stored(changed.home()));
      assertThat(changed.home().changeNo())
          .isGreaterThanOrEqualTo(old == null ? 0 : old.changeNo());
    }
  }

  /** The home as it comes back from its stored form. */
  private static Home stored(Home home) {
    return new Home(
        home.key(),
        home.canonicalId(),
        home.mergedInto(),
        home.linkVersion(),
        home.linkedMicros(),
        Claims.stored(new String(home.traits().encode(), java.nio.charset.StandardCharsets.UTF_8)),
        Claims.stored(new String(home.consent().encode(), java.nio.charset.StandardCharsets.UTF_8)),
        home.eventCount(),
        home.firstSeen(),
        home.lastSeen(),
        home.changeNo(),
        home.erased());
  }

  private record Seen(String traits, String consent, long events, String times, String homes) {}

  private static Map<ProfileId, Seen> visible(Map<ProfileKey, Home> table) {
    Map<ProfileId, List<Home>> families = new TreeMap<>();
    table
        .values()
        .forEach(home ->
            families.computeIfAbsent(home.canonicalId(), root -> new ArrayList<>()).add(home));
    Map<ProfileId, Seen> seen = new TreeMap<>();
    families.forEach((root, homes) -> {
      Person person = Person.of(homes);
      seen.put(
          root,
          new Seen(
              person.traits().toString(),
              person.consent().toString(),
              person.eventCount(),
              person.firstSeen() + " " + person.lastSeen(),
              person.homeIds().toString()));
    });
    return seen;
  }

  /** The roots are those of the latest version of each link, followed by hand. */
  private static void assertRoots(Map<ProfileKey, Home> table, List<Fact> facts) {
    Map<ProfileId, ProfileLink> latest = new HashMap<>();
    for (Fact fact : facts) {
      if (fact instanceof Fact.Link(ProfileLink link)) {
        latest.merge(link.profileId(), link, (a, b) -> a.version() > b.version() ? a : b);
      }
    }
    for (Home home : table.values()) {
      ProfileId at = home.key().id();
      @Nullable ProfileId next = target(latest, at);
      int steps = 0;
      while (next != null && steps++ < 10) {
        at = next;
        next = target(latest, at);
      }
      if (next == null) {
        assertThat(home.canonicalId()).isEqualTo(at);
      } else {
        // In a circle all have the same root.
        assertThat(home.canonicalId())
            .isEqualTo(requireNonNull(table.get(new ProfileKey(WORKSPACE, at))).canonicalId());
      }
    }
  }

  private static @Nullable ProfileId target(Map<ProfileId, ProfileLink> latest, ProfileId id) {
    ProfileLink link = latest.get(id);
    return link == null ? null : link.mergedInto();
  }

  /** The trait of each home is that of the greatest (time, message id). */
  private static void assertTraits(Map<ProfileKey, Home> table, List<Fact> facts) {
    Map<ProfileKey, Map<String, Claim>> expected = new HashMap<>();
    for (Fact fact : facts) {
      if (fact instanceof Fact.Event(ProfileKey home, EventFacts said)) {
        Map<String, Claim> mine = expected.computeIfAbsent(home, key -> new HashMap<>());
        said.traits()
            .forEach((key, claim) -> {
              Claim old = mine.get(key);
              boolean wins =
                  old == null
                      || claim.micros() > old.micros()
                      || (claim.micros() == old.micros()
                          && claim.messageId().compareTo(old.messageId()) > 0);
              if (wins) {
                mine.put(key, claim);
              }
            });
      }
    }
    expected.forEach((home, claims) ->
        assertThat(requireNonNull(table.get(home)).traits().asMap()).isEqualTo(claims));
  }
}
