package io.tributary.acceptance.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.acceptance.chaos.Fact.Who;
import io.tributary.acceptance.chaos.Finding.Kind;
import io.tributary.acceptance.chaos.Journal.Entry;
import io.tributary.acceptance.chaos.Journal.Outcome;
import io.tributary.acceptance.chaos.Journal.Silence;
import io.tributary.acceptance.chaos.Reads.Campaign;
import io.tributary.acceptance.chaos.Reads.Crossing;
import io.tributary.acceptance.chaos.Reads.Delivery;
import io.tributary.acceptance.chaos.Reads.Happening;
import io.tributary.acceptance.chaos.Reads.Name;
import io.tributary.acceptance.chaos.Reads.Person;
import io.tributary.acceptance.chaos.Reads.Refused;
import io.tributary.acceptance.chaos.Reads.Segment;
import io.tributary.acceptance.chaos.Receivers.Receipt;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A world that is as it should be, and one fault planted in it at a time. */
class OracleTest {
  private static final Instant BEGIN = Instant.parse("2026-03-01T12:00:00Z");

  @Test
  void findsNothingWhereAllIsAsItShouldBe() {
    assertThat(new World().judge()).isEmpty();
  }

  @Test
  void whatSomebodyDidWhoseErasureNobodyAnsweredMayBeThereOrNot() {
    World world = new World();
    world.asked.add("p-1");
    world.forget("ping");
    assertThat(world.judge()).noneMatch(finding -> finding.kind() == Kind.LOST);
  }

  @Test
  void greetingsOfBeforeARestoreMayHaveGoneToProfilesWithOtherIds() {
    World world = new World();
    world.receipts.add(new Receipt("webhook", "prf_before", "", true, true));
    world.receipts.add(new Receipt("webhook", "ada", "", true, true));
    assertThat(world.judge()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void findsWhatIsPlanted(String name, Consumer<World> plant, Kind kind, String invariant) {
    World world = new World();
    plant.accept(world);
    assertThat(world.judge())
        .as("%s", name)
        .isNotEmpty()
        .anySatisfy(finding -> {
          assertThat(finding.kind()).isEqualTo(kind);
          assertThat(finding.invariant()).isEqualTo(invariant);
        });
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        fault("an acknowledged message is nowhere", w -> w.forget("ping"), Kind.LOST, "I1"),
        fault("a message took effect twice", w -> w.happen("ada", "ping", ""), Kind.REPEATED, "I1"),
        fault(
            "an unknown one took effect twice",
            w -> {
              w.outcome("ping", Outcome.UNKNOWN);
              w.happen("ada", "ping", "");
            },
            Kind.REPEATED,
            "I1"),
        fault(
            "one of somebody whose erasure nobody answered took effect twice",
            w -> {
              w.asked.add("p-1");
              w.happen("ada", "ping", "");
            },
            Kind.REPEATED,
            "I1"),
        fault("a poisonous one isn't in quarantine", w -> w.quarantined.clear(), Kind.LOST, "I1"),
        fault("a poisonous one took effect", w -> w.happen("ada", "poison", ""), Kind.GHOST, "I2"),
        fault(
            "a refused one took effect", w -> w.outcome("ping", Outcome.REFUSED), Kind.GHOST, "I2"),
        fault("something nobody sent", w -> w.happen("ada", "c-999", "Pinged"), Kind.GHOST, "I2"),
        fault(
            "a counter that is one too high",
            w -> w.counters.put("ada", 99L),
            Kind.MISMATCHED,
            "I4"),
        fault(
            "a visit that lies with another",
            w -> {
              w.forget("visit");
              w.happen("cid", "visit", "Visited");
            },
            Kind.MISMATCHED,
            "I5"),
        fault(
            "two user ids at one profile",
            w -> w.name("ada", "userId", "v-2"),
            Kind.MISMATCHED,
            "I5"),
        fault("a mail address of two", w -> w.name("bob", "email", "p-1@x"), Kind.MISMATCHED, "I5"),
        fault("an old plan", w -> w.plans.put("ada", "silver"), Kind.MISMATCHED, "I5"),
        fault("no refused link", w -> w.refused.clear(), Kind.MISMATCHED, "I5"),
        fault("a member too few", w -> w.inside(Scene.GOLD).clear(), Kind.MISMATCHED, "I6"),
        fault(
            "a member too many",
            w -> {
              w.inside(Scene.GOLD).add("bob");
              w.log(Scene.GOLD).add(w.crossing("t9", "bob", true, 50));
            },
            Kind.MISMATCHED,
            "I6"),
        fault(
            "a recomputation that differs",
            w -> w.disagreement = "missing 1",
            Kind.MISMATCHED,
            "I6"),
        fault(
            "entered twice in a row",
            w -> w.log(Scene.LATELY).add(1, w.crossing("t8", "ada", true, 12)),
            Kind.REPEATED,
            "I6"),
        fault(
            "a log that ends elsewhere",
            w -> w.log(Scene.LATELY).removeLast(),
            Kind.MISMATCHED,
            "I6"),
        fault(
            "an exit while the window was open",
            w -> {
              w.log(Scene.LATELY).removeLast();
              w.log(Scene.LATELY).add(w.crossing("t2", "ada", false, 17));
            },
            Kind.MISMATCHED,
            "I6"),
        fault(
            "two deliveries for a purchase",
            w -> w.sends(Scene.RECEIPT).add(w.delivery("d9", "bought", "sent")),
            Kind.REPEATED,
            "I7"),
        fault(
            "a purchase without a delivery",
            w -> w.sends(Scene.RECEIPT).removeFirst(),
            Kind.LOST,
            "I7"),
        fault(
            "a mail that was sent and never came", w -> w.receipts.removeFirst(), Kind.LOST, "I7"),
        fault(
            "a mail that came twice",
            w -> w.receipts.add(w.receipts.getFirst()),
            Kind.REPEATED,
            "I7"),
        fault(
            "a mail without a reason",
            w -> w.receipts.add(new Receipt("email", "order-0", "p-1@x", true)),
            Kind.GHOST,
            "I7"),
        fault(
            "a delivery of nothing",
            w -> w.sends(Scene.RECEIPT).add(w.delivery("d9", "c-999", "skipped")),
            Kind.GHOST,
            "I7"),
        fault(
            "a delivery without an end",
            w -> w.sends(Scene.RECEIPT).set(0, w.delivery("d1", "bought", "claimed")),
            Kind.MISMATCHED,
            "I7"),
        fault(
            "a regular who is left out",
            w -> w.sends(Scene.RECEIPT).set(0, w.delivery("d1", "bought", "skipped")),
            Kind.MISMATCHED,
            "I7"),
        fault("an entry that greets nobody", w -> w.sends(Scene.WELCOME).clear(), Kind.LOST, "I7"),
        fault(
            "a mail after silence was promised",
            w -> w.silences.add(new Silence("suppression", "p-1", "p-1@x", BEGIN.plusSeconds(1))),
            Kind.MISMATCHED,
            "I8"),
        fault(
            "an erased person who is still there",
            w -> w.silences.add(new Silence(Silencer.ERASE, "p-1", "p-1@x", BEGIN.plusSeconds(99))),
            Kind.GHOST,
            "I8"));
  }

  private static Arguments fault(String name, Consumer<World> plant, Kind kind, String invariant) {
    return Arguments.of(name, plant, kind, invariant);
  }

  /** Ada is a regular, Bob a visitor who became known; Cid and Dan share a device. */
  static final class World {
    final List<Entry> journal = new ArrayList<>();
    final List<Silence> silences = new ArrayList<>();
    final Set<String> asked = new HashSet<>();
    final Map<String, List<Happening>> timelines = new HashMap<>();
    final Map<String, List<Name>> names = new HashMap<>();
    final Map<String, String> plans = new HashMap<>();
    final Map<String, Long> counters = new HashMap<>();
    final Map<String, Set<String>> members = new HashMap<>();
    final Map<String, List<Crossing>> crossings = new HashMap<>();
    final Map<String, List<Delivery>> deliveries = new HashMap<>();
    final List<Receipt> receipts = new ArrayList<>();
    final Set<String> quarantined = new HashSet<>(Set.of("poison"));
    final List<Refused> refused = new ArrayList<>();
    String disagreement = "";

    World() {
      Who ada = Who.user("p-1");
      said("ada", Fact.identify("hello", 1, ada.mailedAt("p-1@x"), "silver", at(0)));
      said("ada", Fact.identify("again", 1, ada, "gold", at(5)));
      said("ada", Fact.track("ping", 1, ada, "Pinged", "", at(10)));
      said("ada", Fact.track("bought", 1, ada, "Bought", "order-1", at(11)));
      happen("ada", "sent-1", "Email Sent");
      said("bob", Fact.track("visit", 1, Who.device("a-2"), "Visited", "", at(1)));
      said("bob", Fact.identify("known", 1, Who.user("v-2").on("a-2"), "", at(2)));
      said("cid", Fact.identify("cid", 1, Who.user("s-3").on("t-3"), "", at(3)));
      said("dan", Fact.identify("dan", 1, Who.user("s-4").on("t-3"), "", at(4)));
      journal.add(
          new Entry(
              new Fact("poison", 1, Fact.Kind.POISON, new Who("", "", "", ""), "", "", "", at(0)),
              Outcome.OK,
              at(1)));
      name("ada", "userId", "p-1");
      name("ada", "email", "p-1@x");
      name("bob", "userId", "v-2");
      name("bob", "anonymousId", "a-2");
      name("cid", "userId", "s-3");
      name("cid", "anonymousId", "t-3");
      name("dan", "userId", "s-4");
      name("dan", "anonymousId", "t-3");
      refused.add(new Refused(new Name("anonymousId", "t-3"), "dan"));
      plans.put("ada", "gold");
      member(Scene.GOLD, crossing("t0", "ada", true, 5));
      member(Scene.LATELY, crossing("t1", "ada", true, 11), crossing("t2", "ada", false, 30));
      delivered(Scene.RECEIPT, delivery("d1", "bought", "sent"));
      receipts.add(new Receipt("email", "order-1", "p-1@x", true));
      delivered(Scene.WELCOME, delivery("d2", "t1", "sent"));
      receipts.add(new Receipt("webhook", "ada", "", true));
    }

    Set<String> inside(String segment) {
      return members.computeIfAbsent(segment, name -> new HashSet<>());
    }

    List<Crossing> log(String segment) {
      return crossings.computeIfAbsent(segment, name -> new ArrayList<>());
    }

    List<Delivery> sends(String campaign) {
      return deliveries.computeIfAbsent(campaign, name -> new ArrayList<>());
    }

    static Instant at(int second) {
      return BEGIN.plusSeconds(second);
    }

    void said(String person, Fact fact) {
      journal.add(new Entry(fact, Outcome.OK, fact.at().plusMillis(100)));
      happen(person, fact.id(), fact.event());
    }

    void happen(String person, String id, String name) {
      timelines.computeIfAbsent(person, p -> new ArrayList<>()).add(new Happening(id, name));
    }

    void forget(String id) {
      timelines.values().forEach(all -> all.removeIf(each -> each.messageId().equals(id)));
    }

    void outcome(String id, Outcome outcome) {
      journal.replaceAll(entry ->
          entry.fact().id().equals(id)
              ? new Entry(entry.fact(), outcome, entry.answered())
              : entry);
    }

    void name(String person, String type, String value) {
      names.computeIfAbsent(person, p -> new ArrayList<>()).add(new Name(type, value));
    }

    void member(String segment, Crossing... log) {
      crossings.put(segment, new ArrayList<>(List.of(log)));
      Set<String> inside = new HashSet<>();
      for (Crossing crossing : log) {
        if (crossing.entered()) {
          inside.add(crossing.profile());
        } else {
          inside.remove(crossing.profile());
        }
      }
      members.put(segment, inside);
    }

    Crossing crossing(String id, String profile, boolean entered, int second) {
      return new Crossing(id, profile, entered, "event", at(second));
    }

    void delivered(String campaign, Delivery delivery) {
      deliveries.put(campaign, new ArrayList<>(List.of(delivery)));
    }

    Delivery delivery(String id, String trigger, String state) {
      return new Delivery(id, trigger, "ada", state, "", 1, at(12));
    }

    List<Finding> judge() {
      List<Person> people =
          timelines.entrySet().stream()
              .map(entry ->
                  new Person(
                      entry.getKey(),
                      names.getOrDefault(entry.getKey(), List.of()),
                      plans.getOrDefault(entry.getKey(), ""),
                      counters.getOrDefault(
                          entry.getKey(),
                          entry.getValue().stream().map(Happening::messageId).distinct().count()),
                      entry.getValue()))
              .toList();
      Map<String, Segment> segments = new HashMap<>();
      members.forEach((name, inside) ->
          segments.put(
              name, new Segment(inside, crossings.getOrDefault(name, List.of()), disagreement)));
      Map<String, Campaign> campaigns = new HashMap<>();
      deliveries.forEach((name, all) -> campaigns.put(name, new Campaign(at(0), all)));
      Reads reads = new Reads(at(60), people, segments, campaigns, receipts, quarantined, refused);
      return Oracle.judge(journal, silences, asked, reads);
    }
  }
}
