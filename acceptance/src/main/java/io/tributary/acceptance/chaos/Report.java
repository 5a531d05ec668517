package io.tributary.acceptance.chaos;

import io.tributary.demo.Api;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a run came to, for people and for programs. */
final class Report {
  private static final int MOST_SENTENCES = 60;
  private final List<Outcome> outcomes;

  Report(List<Outcome> outcomes) {
    this.outcomes = List.copyOf(outcomes);
  }

  /** One row of the table. */
  private record Row(
      Fault fault,
      int rounds,
      long events,
      long lost,
      long repeated,
      long fenced,
      List<Long> recoveries) {
    static Row of(Outcome outcome, Fault fault) {
      List<Outcome.Played> played =
          outcome.rounds().stream().filter(each -> each.round().fault() == fault).toList();
      Set<Integer> numbers = new TreeSet<>();
      played.forEach(each -> numbers.add(each.round().number()));
      return new Row(
          fault,
          played.size(),
          numbers.stream().mapToLong(number -> outcome.messages().getOrDefault(number, 0L)).sum(),
          found(outcome, numbers, Finding.Kind.LOST),
          found(outcome, numbers, Finding.Kind.REPEATED),
          played.stream().mapToLong(Outcome.Played::fenced).sum(),
          played.stream().map(Outcome.Played::recoveryMillis).sorted().toList());
    }

    private static long found(Outcome outcome, Set<Integer> rounds, Finding.Kind kind) {
      return outcome.findings().stream()
          .filter(finding -> finding.kind() == kind && rounds.contains(finding.round()))
          .count();
    }

    double middle() {
      return recoveries.isEmpty() ? 0 : recoveries.get(recoveries.size() / 2) / 1e3;
    }

    double longest() {
      return recoveries.isEmpty() ? 0 : recoveries.getLast() / 1e3;
    }
  }

  private static List<Row> rows(Outcome outcome) {
    Set<Fault> faults = EnumSet.noneOf(Fault.class);
    outcome.rounds().forEach(played -> faults.add(played.round().fault()));
    return faults.stream().map(fault -> Row.of(outcome, fault)).toList();
  }

  /** Prints the table, what was found, and the line that scripts read. */
  void print(PrintStream out) {
    for (Outcome outcome : outcomes) {
      out.printf("%nShape: %s, %.0f s%n", outcome.shape().word(), outcome.seconds());
      out.printf(
          "%-46s %6s %8s %5s %8s %6s %22s%n",
          "fault", "rounds", "events", "lost", "repeated", "fenced", "recovery s (median, max)");
      for (Row row : rows(outcome)) {
        out.printf(
            "%-46s %6d %8d %5d %8d %6d %15.1f %8.1f%n",
            row.fault().words(),
            row.rounds(),
            row.events(),
            row.lost(),
            row.repeated(),
            row.fenced(),
            row.middle(),
            row.longest());
      }
      outcome.findings().stream()
          .limit(MOST_SENTENCES)
          .forEach(finding ->
              out.printf(
                  "WRONG %s %s (round %d): %s%n",
                  finding.kind(), finding.invariant(), finding.round(), finding.sentence()));
      if (outcome.findings().size() > MOST_SENTENCES) {
        out.printf("… and %d more%n", outcome.findings().size() - MOST_SENTENCES);
      }
    }
    out.println();
    out.println(line());
  }

  private String line() {
    return "lost=%d repeated=%d ghosts=%d mismatched=%d rounds=%d events=%d"
        .formatted(
            count(Finding.Kind.LOST),
            count(Finding.Kind.REPEATED),
            count(Finding.Kind.GHOST),
            count(Finding.Kind.MISMATCHED),
            outcomes.stream().mapToInt(outcome -> outcome.rounds().size()).sum(),
            outcomes.stream().mapToLong(Outcome::events).sum());
  }

  private long count(Finding.Kind kind) {
    return outcomes.stream().mapToLong(outcome -> outcome.count(kind)).sum();
  }

  /** Whether nothing at all was wrong. */
  boolean isClean() {
    return outcomes.stream().allMatch(outcome -> outcome.findings().isEmpty());
  }

  /** Writes every figure with its unit. */
  void write(Path file, Options options, Instant began) throws IOException {
    ObjectNode json = Api.MAPPER.createObjectNode();
    json.put("began", began.toString()).put("seed", options.seed());
    json.set("machine", Machine.facts());
    ObjectNode load = json.putObject("load");
    load.put("clientThreads", options.clients()).put("minutes", options.minutes());
    load.put("regularPeople", Traffic.REGULARS);
    load.put("segments", 5).put("campaigns", 3);
    ArrayNode shapes = json.putArray("shapes");
    for (Outcome outcome : outcomes) {
      ObjectNode shape = shapes.addObject().put("shape", outcome.shape().word());
      put(shape, "duration", outcome.seconds(), "s");
      put(shape, "rounds", outcome.rounds().size(), "rounds");
      put(shape, "events", outcome.events(), "events");
      for (Finding.Kind kind : Finding.Kind.values()) {
        put(shape, kind.name().toLowerCase(java.util.Locale.ROOT), outcome.count(kind), "findings");
      }
      ArrayNode faults = shape.putArray("faults");
      for (Row row : rows(outcome)) {
        ObjectNode fault = faults.addObject().put("fault", row.fault().words());
        put(fault, "rounds", row.rounds(), "rounds");
        put(fault, "events", row.events(), "events");
        put(fault, "lost", row.lost(), "findings");
        put(fault, "repeated", row.repeated(), "findings");
        put(fault, "fenced", row.fenced(), "memberships");
        put(fault, "recoveryMedian", row.middle(), "s");
        put(fault, "recoveryMax", row.longest(), "s");
      }
      ArrayNode findings = shape.putArray("findings");
      outcome.findings().forEach(finding -> findings.add(finding.toString()));
    }
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.writeString(file, json.toPrettyString() + "\n");
  }

  private static void put(ObjectNode node, String name, double value, String unit) {
    node.putObject(name).put("value", value).put("unit", unit);
  }

  private static void put(ObjectNode node, String name, long value, String unit) {
    node.putObject(name).put("value", value).put("unit", unit);
  }
}
