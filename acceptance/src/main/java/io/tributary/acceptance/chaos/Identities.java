package io.tributary.acceptance.chaos;

import io.tributary.acceptance.chaos.Fact.Kind;
import io.tributary.acceptance.chaos.Reads.Happening;
import io.tributary.acceptance.chaos.Reads.Name;
import io.tributary.acceptance.chaos.Reads.Person;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * I5: who is who. Where nothing that belongs together holds two user ids, profiles are what
 * union-find gives over all messages that took effect; elsewhere nobody has two user ids, nothing
 * belongs to two, and a refused link is on record.
 */
final class Identities {
  private static final String USER = "userId";
  private static final String DEVICE = "anonymousId";
  private static final String EMAIL = "email";
  private final Map<String, List<Person>> seen;
  private final Reads reads;
  private final Map<Name, Name> parents = new HashMap<>();
  private final List<Finding> findings = new ArrayList<>();

  private Identities(Map<String, List<Person>> seen, Reads reads) {
    this.seen = seen;
    this.reads = reads;
  }

  static List<Finding> judge(List<Fact> effective, Map<String, List<Person>> seen, Reads reads) {
    Identities identities = new Identities(seen, reads);
    effective.forEach(identities::connect);
    Map<Name, List<Fact>> components = new LinkedHashMap<>();
    for (Fact fact : effective) {
      Name root = identities.root(names(fact).getFirst());
      components.computeIfAbsent(root, name -> new ArrayList<>()).add(fact);
    }
    identities.owners();
    components.values().forEach(identities::component);
    identities.strangers(components.values());
    return identities.findings;
  }

  /** Everything that a message names. */
  private static List<Name> names(Fact fact) {
    List<Name> names = new ArrayList<>();
    add(names, USER, fact.who().userId());
    add(names, DEVICE, fact.who().anonymousId());
    add(names, DEVICE, fact.who().previousId());
    add(names, EMAIL, fact.who().email());
    return names;
  }

  private static void add(List<Name> names, String type, String value) {
    if (!value.isEmpty()) {
      names.add(new Name(type, value));
    }
  }

  private void connect(Fact fact) {
    List<Name> names = names(fact);
    Name first = root(names.getFirst());
    for (Name name : names) {
      parents.put(root(name), first);
    }
  }

  private Name root(Name name) {
    Name at = name;
    for (Name up = parents.get(at); up != null && !up.equals(at); up = parents.get(at)) {
      at = up;
    }
    if (!at.equals(name)) {
      parents.put(name, at);
    }
    return at;
  }

  /** Nobody has two user ids, and a name belongs to one only; devices change hands. */
  private void owners() {
    Map<Name, String> owner = new HashMap<>();
    for (Person person : reads.people()) {
      long users =
          person.names().stream().filter(name -> name.type().equals(USER)).distinct().count();
      if (users > 1) {
        wrong(0, person.id() + " has " + users + " user ids");
      }
      for (Name name : new HashSet<>(person.names())) {
        String other = owner.put(name, person.id());
        if (other != null && !name.type().equals(DEVICE)) {
          wrong(0, name + " belongs to " + other + " and to " + person.id());
        }
      }
    }
  }

  private void component(List<Fact> facts) {
    Set<String> users =
        facts.stream()
            .map(fact -> fact.who().userId())
            .filter(user -> !user.isEmpty())
            .collect(Collectors.toCollection(TreeSet::new));
    if (users.size() <= 1) {
      onePerson(facts);
    } else {
      several(facts, users);
    }
  }

  private void onePerson(List<Fact> facts) {
    Map<String, Person> people = new LinkedHashMap<>();
    for (Fact fact : facts) {
      seen.getOrDefault(fact.id(), List.of()).forEach(person -> people.put(person.id(), person));
    }
    Fact first = facts.getFirst();
    if (people.size() != 1) {
      wrong(
          facts.getLast().round(),
          "%s and all that is connected lie in %d profiles: %s"
              .formatted(names(first), people.size(), people.keySet()));
      return;
    }
    Person person = people.values().iterator().next();
    plan(facts, person);
  }

  /** The latest of what was said counts, whenever it arrived. */
  private void plan(List<Fact> facts, Person person) {
    List<Fact> said =
        facts.stream()
            .filter(fact -> fact.kind() == Kind.IDENTIFY && !fact.plan().isEmpty())
            .sorted(Comparator.comparing(Fact::at))
            .toList();
    if (said.isEmpty()) {
      return;
    }
    Fact latest = said.getLast();
    if (!latest.plan().equals(person.plan())) {
      findings.add(
          Finding.mismatched(
              "I5",
              latest.round(),
              "%s has plan %s, but %s said %s last"
                  .formatted(person.id(), person.plan(), latest.id(), latest.plan())));
    }
  }

  private void several(List<Fact> facts, Set<String> users) {
    for (Fact fact : facts) {
      String user = fact.who().userId();
      if (user.isEmpty()) {
        continue;
      }
      for (Person person : seen.getOrDefault(fact.id(), List.of())) {
        if (!person.names().contains(new Name(USER, user))) {
          wrong(fact.round(), fact.id() + " of " + user + " lies with " + person.id());
        }
      }
    }
    Set<Name> names =
        facts.stream().flatMap(fact -> names(fact).stream()).collect(Collectors.toSet());
    if (reads.refusedLinks().stream().noneMatch(refused -> names.contains(refused.name()))) {
      wrong(facts.getLast().round(), "no refused link tells why " + users + " are apart");
    }
  }

  /** Nobody holds messages of two components. */
  private void strangers(Collection<List<Fact>> components) {
    Map<String, Integer> component = new HashMap<>();
    int number = 0;
    for (List<Fact> facts : components) {
      for (Fact fact : facts) {
        component.put(fact.id(), number);
      }
      number++;
    }
    for (Person person : reads.people()) {
      Set<Integer> held = new HashSet<>();
      for (Happening happening : person.timeline()) {
        Integer known = component.get(happening.messageId());
        if (known != null) {
          held.add(known);
        }
      }
      if (held.size() > 1) {
        wrong(0, person.id() + " holds messages that nothing connects");
      }
    }
  }

  private void wrong(int round, String sentence) {
    findings.add(Finding.mismatched("I5", round, sentence));
  }
}
