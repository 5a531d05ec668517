package io.tributary.acceptance.chaos;

import io.tributary.acceptance.chaos.Journal.Entry;
import io.tributary.acceptance.chaos.Reads.Crossing;
import io.tributary.acceptance.chaos.Reads.Happening;
import io.tributary.acceptance.chaos.Reads.Name;
import io.tributary.acceptance.chaos.Reads.Person;
import io.tributary.acceptance.chaos.Reads.Segment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * I6: members are who a naive look at all messages says, and who the recomputation by SQL says;
 * people enter and exit in turn; and nobody exits while a message that keeps them in had been
 * answered.
 */
final class Memberships {
  /** A timer looks at the clock some times a second, and an answer takes its way. */
  private static final Duration LEEWAY = Duration.ofSeconds(2);

  private final Map<String, Entry> journal;
  private final Reads reads;
  private final List<Finding> findings = new ArrayList<>();

  private Memberships(Map<String, Entry> journal, Reads reads) {
    this.journal = journal;
    this.reads = reads;
  }

  static List<Finding> judge(Map<String, Entry> journal, Reads reads) {
    Memberships memberships = new Memberships(journal, reads);
    reads.segments().forEach(memberships::segment);
    Optional.ofNullable(reads.segments().get(Scene.LATELY)).ifPresent(memberships::falseExits);
    return memberships.findings;
  }

  private void segment(String name, Segment segment) {
    if (!segment.disagreement().isEmpty()) {
      wrong(name + " and its recomputation differ: " + segment.disagreement());
    }
    Set<String> expected =
        reads.people().stream()
            .filter(person -> isMember(name, person))
            .map(Person::id)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> missing = new TreeSet<>(expected);
    missing.removeAll(segment.members());
    Set<String> extra = new TreeSet<>(segment.members());
    extra.removeAll(expected);
    missing.forEach(profile -> wrong(profile + " should be in " + name + " and isn't"));
    extra.forEach(profile -> wrong(profile + " is in " + name + " and shouldn't be"));
    turns(name, segment);
  }

  /** Entered, exited, entered …, and in the end what the members say. */
  private void turns(String name, Segment segment) {
    Map<String, Boolean> inside = new LinkedHashMap<>();
    for (Crossing crossing : segment.crossings()) {
      boolean before = inside.getOrDefault(crossing.profile(), false);
      if (before == crossing.entered()) {
        findings.add(
            Finding.repeated(
                "I6",
                0,
                "%s %s %s twice in a row, at %s"
                    .formatted(
                        crossing.profile(),
                        crossing.entered() ? "entered" : "exited",
                        name,
                        crossing.at())));
      }
      inside.put(crossing.profile(), crossing.entered());
    }
    inside.forEach((profile, isInside) -> {
      if (isInside != segment.members().contains(profile)) {
        wrong("%s: the log of %s doesn't end where the members are".formatted(profile, name));
      }
    });
    segment.members().stream()
        .filter(profile -> !inside.containsKey(profile))
        .forEach(profile -> wrong(profile + " is in " + name + " and never entered it"));
  }

  private boolean isMember(String segment, Person person) {
    return switch (segment) {
      case Scene.OFTEN -> count(person, "Ordered", Instant.EPOCH) >= Scene.ORDERS;
      case Scene.LATELY -> count(person, "Pinged", reads.at().minus(Scene.WINDOW)) > 0;
      case Scene.GOLD -> person.plan().equals("gold");
      case Scene.NEVER -> count(person, "Ordered", Instant.EPOCH) == 0;
      case Scene.MIXED ->
          !isMember(Scene.OFTEN, person)
              && count(person, "Visited", reads.at().minus(Duration.ofDays(1))) >= 2;
      default -> throw new IllegalArgumentException("no segment is called " + segment);
    };
  }

  /** Distinct messages of this name after a moment. */
  private long count(Person person, String event, Instant after) {
    return person.timeline().stream()
        .map(Happening::messageId)
        .distinct()
        .map(journal::get)
        .filter(entry -> entry != null)
        .map(Entry::fact)
        .filter(fact -> fact.event().equals(event))
        .filter(fact -> fact.at().isAfter(after) && !fact.at().isAfter(reads.at()))
        .count();
  }

  /** Only for people who never were part of another: their log is theirs alone. */
  private void falseExits(Segment segment) {
    Map<String, Person> known =
        reads.people().stream()
            .filter(person -> person.names().stream().allMatch(Memberships::isRegular))
            .collect(Collectors.toMap(Person::id, person -> person));
    for (Crossing crossing : segment.crossings()) {
      Person person = known.get(crossing.profile());
      if (person != null && !crossing.entered()) {
        kept(person, crossing)
            .ifPresent(fact ->
                findings.add(
                    Finding.mismatched(
                        "I6",
                        fact.round(),
                        "%s exited %s at %s, but %s of %s had been answered"
                            .formatted(
                                person.id(), Scene.LATELY, crossing.at(), fact.id(), fact.at()))));
      }
    }
  }

  private static boolean isRegular(Name name) {
    return name.value().startsWith("p-");
  }

  /** A message that was answered well before an exit, and whose window was open then. */
  private Optional<Fact> kept(Person person, Crossing exit) {
    return person.timeline().stream()
        .map(happening -> journal.get(happening.messageId()))
        .filter(entry -> entry != null && entry.outcome() == Journal.Outcome.OK)
        .filter(entry -> entry.fact().event().equals("Pinged"))
        .filter(entry -> entry.answered().isBefore(exit.at().minus(LEEWAY)))
        .map(Entry::fact)
        .filter(fact -> !fact.at().isAfter(exit.at()))
        .filter(fact -> fact.at().isAfter(exit.at().minus(Scene.WINDOW)))
        .findFirst();
  }

  private void wrong(String sentence) {
    findings.add(Finding.mismatched("I6", 0, sentence));
  }
}
