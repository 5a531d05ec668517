package io.tributary.acceptance.chaos;

import io.tributary.acceptance.chaos.Fact.Kind;
import io.tributary.acceptance.chaos.Journal.Entry;
import io.tributary.acceptance.chaos.Journal.Silence;
import io.tributary.acceptance.chaos.Reads.Happening;
import io.tributary.acceptance.chaos.Reads.Person;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Compares what the product says with what its clients noted. A pure function: the same journal and
 * reads give the same findings.
 */
final class Oracle {
  /** What the product itself posts to its collector about messages. */
  private static final Set<String> ENGAGEMENT =
      Set.of(
          "Email Sent",
          "Email Bounced",
          "Email Delivered",
          "Email Opened",
          "Email Link Clicked",
          "Webhook Sent",
          "Webhook Failed",
          "Unsubscribed");

  private final Map<String, Entry> journal = new LinkedHashMap<>();
  private final List<Silence> silences;
  private final Set<String> asked;
  private final Reads reads;
  private final Map<String, List<Person>> seen = new HashMap<>();
  private final List<Finding> findings = new ArrayList<>();

  private Oracle(
      Collection<Entry> journal, List<Silence> silences, Set<String> asked, Reads reads) {
    journal.forEach(entry -> this.journal.put(entry.fact().id(), entry));
    this.silences = silences;
    this.asked = asked;
    this.reads = reads;
    for (Person person : reads.people()) {
      for (Happening happening : person.timeline()) {
        seen.computeIfAbsent(happening.messageId(), id -> new ArrayList<>()).add(person);
      }
    }
  }

  /**
   * All that isn't as promised; empty when all is.
   *
   * @param asked who has asked to be erased, answered or not
   */
  static List<Finding> judge(
      Collection<Entry> journal, List<Silence> silences, Set<String> asked, Reads reads) {
    Oracle oracle = new Oracle(journal, silences, asked, reads);
    oracle.messages();
    oracle.ghosts();
    oracle.counters();
    List<Fact> effective = oracle.effective();
    oracle.findings.addAll(Identities.judge(effective, oracle.seen, reads));
    oracle.findings.addAll(Memberships.judge(oracle.journal, reads));
    oracle.findings.addAll(Sends.judge(oracle.journal, silences, reads));
    return List.copyOf(oracle.findings);
  }

  /** I1, I3 and, for what had to be set aside, I2. */
  private void messages() {
    Set<String> erased =
        silences.stream()
            .filter(silence -> silence.why().equals(Silencer.ERASE))
            .map(Silence::userId)
            .collect(Collectors.toSet());
    for (Entry entry : journal.values()) {
      Fact fact = entry.fact();
      int times = seen.getOrDefault(fact.id(), List.of()).size();
      if (erased.contains(fact.who().userId())) {
        if (times > 0) {
          add(Finding.ghost("I8", fact.round(), fact.id() + " of an erased person is still there"));
        }
      } else if (asked.contains(fact.who().userId())) {
        // Nobody knows whether the request was heard: what they did may be there or not.
        if (times > 1) {
          repeated(fact, times);
        }
      } else if (fact.kind() == Kind.POISON) {
        poison(entry, times);
      } else {
        message(entry, times);
      }
    }
  }

  private void repeated(Fact fact, int times) {
    add(Finding.repeated("I1", fact.round(), fact.id() + " took effect " + times + " times"));
  }

  private void message(Entry entry, int times) {
    Fact fact = entry.fact();
    if (times > 1) {
      repeated(fact, times);
    }
    switch (entry.outcome()) {
      case OK -> {
        if (times == 0) {
          add(
              Finding.lost(
                  "I1", fact.round(), fact.id() + " was answered with 200 and is nowhere"));
        }
      }
      case REFUSED -> {
        if (times > 0) {
          add(Finding.ghost("I2", fact.round(), fact.id() + " was refused and took effect"));
        }
      }
      case UNKNOWN -> {
        // None or one.
      }
    }
  }

  private void poison(Entry entry, int times) {
    Fact fact = entry.fact();
    if (times > 0) {
      add(Finding.ghost("I2", fact.round(), fact.id() + " breaks the rules and took effect"));
    }
    if (entry.outcome() == Journal.Outcome.OK && !reads.quarantined().contains(fact.id())) {
      add(Finding.lost("I1", fact.round(), fact.id() + " isn't in the quarantine"));
    }
  }

  /** I2. */
  private void ghosts() {
    for (Person person : reads.people()) {
      for (Happening happening : person.timeline()) {
        if (!journal.containsKey(happening.messageId()) && !ENGAGEMENT.contains(happening.name())) {
          add(
              Finding.ghost(
                  "I2", 0, happening.messageId() + " (" + happening.name() + ") was never sent"));
        }
      }
    }
  }

  /** I4. */
  private void counters() {
    for (Person person : reads.people()) {
      long distinct = person.timeline().stream().map(Happening::messageId).distinct().count();
      if (person.eventCount() != distinct) {
        add(
            Finding.mismatched(
                "I4",
                0,
                "%s counts %d events and has %d"
                    .formatted(person.id(), person.eventCount(), distinct)));
      }
    }
  }

  private List<Fact> effective() {
    return journal.values().stream()
        .map(Entry::fact)
        .filter(fact -> seen.containsKey(fact.id()) && fact.kind() != Kind.POISON)
        .toList();
  }

  private void add(Finding finding) {
    findings.add(finding);
  }
}
