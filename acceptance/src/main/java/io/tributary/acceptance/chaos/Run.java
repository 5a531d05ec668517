package io.tributary.acceptance.chaos;

import io.tributary.acceptance.chaos.Journal.Entry;
import io.tributary.acceptance.chaos.Outcome.Played;
import io.tributary.acceptance.chaos.Schedule.Round;
import io.tributary.acceptance.chaos.Traffic.Guest;
import io.tributary.demo.DemoFailure;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** One shape of the product from its start over all rounds to the oracle. */
final class Run {
  private static final Duration CALM_LIMIT = Duration.ofMinutes(2);
  private static final Duration END_LIMIT = Duration.ofMinutes(4);
  private static final Duration SILENCE_LIMIT = Duration.ofSeconds(40);
  private final Options options;
  private final Shape shape;
  private final Path data;
  private final PrintStream out;
  private final Clock clock;
  private final List<Played> played = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();
  private final long began = System.nanoTime();

  Run(Options options, Shape shape, PrintStream out, Clock clock) {
    this.options = options;
    this.shape = shape;
    this.data = options.data().resolve(shape.word());
    this.out = out;
    this.clock = clock;
  }

  /** Plays rounds for so long, then judges. */
  Outcome play(Duration time) throws IOException, InterruptedException {
    Files.createDirectories(data);
    try (Receivers receivers = new Receivers(options.seed());
        Journal journal = new Journal(data.resolve("journal"), clock);
        Installation installation = start(receivers)) {
      Target target = installation.target();
      Scene scene = Scene.make(target, receivers.hookUrl(), clock);
      Traffic traffic = new Traffic("c-", clock);
      Clients clients = new Clients(target, journal, traffic);
      Breaking breaking = new Breaking(installation, receivers, journal, clients, data, out);
      attempt(() -> {
        begin(clients, traffic, target);
        Watcher watcher = new Watcher(target, options.seed());
        try {
          rounds(
              time,
              new Scenery(installation, receivers, journal, traffic, clients, breaking, watcher));
        } finally {
          findings.addAll(watcher.end());
        }
      });
      // Whatever failed before: what is left is judged.
      attempt(() -> settle(target, scene));
      attempt(() -> judge(target, scene, receivers, journal));
      // Asked anew: where Postgres listens may have changed.
      attempt(() -> quarantine(installation.target(), breaking.poisoned()));
      clients.surprises().stream()
          .distinct()
          .forEach(surprise -> findings.add(Finding.mismatched("door", 0, surprise)));
      Map<Integer, Long> messages =
          journal.entries().stream()
              .map(Entry::fact)
              .collect(Collectors.groupingBy(Fact::round, Collectors.counting()));
      return new Outcome(
          shape, List.copyOf(played), messages, List.copyOf(findings), seconds(began));
    }
  }

  /** A run that came to no end. */
  Outcome failed(Exception error) {
    step("the run ended early: " + error);
    return new Outcome(shape, List.copyOf(played), Map.of(), List.copyOf(findings), seconds(began));
  }

  /** Who takes part. */
  private record Scenery(
      Installation installation,
      Receivers receivers,
      Journal journal,
      Traffic traffic,
      Clients clients,
      Breaking breaking,
      Watcher watcher) {}

  private Installation start(Receivers receivers) throws IOException {
    return switch (shape) {
      case ONE_PROCESS -> {
        OneProcess process = new OneProcess(options.root(), data, receivers.settings());
        process.start();
        yield process;
      }
      case SEPARATE -> new SeparateServices(options, data, receivers.settings());
    };
  }

  private void begin(Clients clients, Traffic traffic, Target target)
      throws IOException, InterruptedException {
    if (!clients.insist(Request.batch(traffic.introductions()), Duration.ofSeconds(30))) {
      throw new IOException("nobody could be introduced within 30 s");
    }
    calm(target);
  }

  private void rounds(Duration time, Scenery scenery) throws IOException, InterruptedException {
    List<Fault> faults =
        new ArrayList<>(
            Fault.of(shape).stream().filter(fault -> options.faults().contains(fault)).toList());
    for (Fault fault : List.copyOf(faults)) {
      if (!scenery.installation().allows(fault)) {
        out.printf("          left out, for no volume can be mounted here: %s%n", fault.words());
        faults.remove(fault);
      }
    }
    if (faults.isEmpty()) {
      throw new IOException("none of these faults can be made here");
    }
    Schedule schedule = new Schedule(faults, options.seed());
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end && played.size() < options.rounds()) {
      round(schedule.next(), scenery);
    }
  }

  private void round(Round round, Scenery scenery) throws IOException, InterruptedException {
    long fencedBefore = fenced(scenery.installation());
    Random random = new Random(round.seed());
    Guest guest = Guest.of(round.number());
    scenery.traffic().enter(round.number(), List.of());
    Request hello = Request.single(scenery.traffic().introduction(guest));
    if (!scenery.clients().insist(hello, Duration.ofSeconds(30))) {
      throw new IOException("the guest of round " + round.number() + " couldn't come in");
    }
    scenery.traffic().enter(round.number(), Silencer.buyers(round.number()));
    long over;
    Thread silencer = silencer(round, scenery, random.nextInt(4_000));
    Clients.Load load = scenery.clients().begin(options.clients(), round.seed());
    try {
      TimeUnit.MILLISECONDS.sleep(round.strikeAfterMillis());
      over = scenery.breaking().strike(round, scenery.watcher());
      TimeUnit.MILLISECONDS.sleep(round.loadAfterMillis());
    } finally {
      load.end();
    }
    silencer.join();
    long calmAt = calm(scenery.installation().target());
    long fenced = fenced(scenery.installation()) - fencedBefore;
    long recovery = TimeUnit.NANOSECONDS.toMillis(calmAt - over);
    played.add(new Played(round, recovery, fenced));
    out.printf(
        "%6.0f s  round %d: %s; %d events so far, calm after %.1f s, fenced %d%n",
        seconds(began),
        round.number(),
        round.fault().words(),
        scenery.journal().size(),
        recovery / 1e3,
        fenced);
  }

  private Thread silencer(Round round, Scenery scenery, int after) throws IOException {
    Silencer silencer =
        new Silencer(scenery.installation().target(), scenery.journal(), scenery.receivers());
    return Thread.ofVirtual()
        .start(() -> {
          try {
            TimeUnit.MILLISECONDS.sleep(after);
            silencer.turn(round.number(), SILENCE_LIMIT);
          } catch (IOException e) {
            step("the journal can't be kept: " + e.getMessage());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private long calm(Target target) throws InterruptedException, IOException {
    Optional<Long> calm = Pulse.calm(target, CALM_LIMIT);
    if (calm.isEmpty()) {
      String last = Pulse.look(target).map(Pulse.Beat::toString).orElse("no answer");
      throw new IOException("not calm within " + CALM_LIMIT.toSeconds() + " s: " + last);
    }
    return calm.get();
  }

  /** A part of a run; the next ones are played whatever becomes of it. */
  private interface Part {
    void play() throws IOException, SQLException, InterruptedException;
  }

  private void attempt(Part part) throws InterruptedException {
    try {
      part.play();
    } catch (IOException | DemoFailure | SQLException | IllegalStateException e) {
      step("a step failed: " + e);
    }
  }

  /** Lets everything come to its end. */
  private void settle(Target target, Scene scene) throws IOException, InterruptedException {
    Reader reader = new Reader(target, scene, clock);
    long limit = System.nanoTime() + END_LIMIT.toNanos();
    while (reader.openDeliveries() > 0 || reader.members(Scene.LATELY) > 0) {
      if (System.nanoTime() > limit) {
        step(
            "%d deliveries are open and %d people stay %s after %d s"
                .formatted(
                    reader.openDeliveries(),
                    reader.members(Scene.LATELY),
                    Scene.LATELY,
                    END_LIMIT.toSeconds()));
        break;
      }
      TimeUnit.MILLISECONDS.sleep(500);
    }
    calm(target);
  }

  /** Reads everything and has it judged. */
  private void judge(Target target, Scene scene, Receivers receivers, Journal journal)
      throws IOException, InterruptedException {
    out.printf("%6.0f s  reading and judging%n", seconds(began));
    Reader reader = new Reader(target, scene, clock);
    Reads reads = reader.read(receivers.receipts());
    findings.addAll(Oracle.judge(journal.entries(), journal.silences(), journal.asked(), reads));
    Pulse.look(target)
        .filter(beat -> !beat.isCalm())
        .ifPresent(beat -> step("the pipeline isn't calm at the end: " + beat));
  }

  /**
   * What was appended to topics and can't be read must be set aside, all of it and nothing else.
   */
  private void quarantine(Target target, Topic.Poison poisoned) throws SQLException {
    String query =
        """
        select (select count(*) from identity.v_quarantine where topic is not null)
             + (select count(*) from profile.v_quarantine where topic is not null)
             + (select count(*) from segment.v_quarantine where topic is not null)
             + (select count(*) from campaign.v_quarantine where topic is not null)
        """;
    try (Connection connection = target.database();
        ResultSet found = connection.createStatement().executeQuery(query)) {
      found.next();
      // What profile.changes holds is read by two stages, and each sets it aside.
      long expected = poisoned.count() / 3 * 4L;
      if (found.getLong(1) < expected || found.getLong(1) > expected + 2L * poisoned.doubtful()) {
        step("%d records are set aside, expected %d".formatted(found.getLong(1), expected));
      }
    }
  }

  private void step(String sentence) {
    synchronized (findings) {
      findings.add(Finding.mismatched("step", 0, sentence));
    }
  }

  private static long fenced(Installation installation) throws IOException {
    long count = 0;
    for (Path log : installation.logs()) {
      try (var lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
        count += lines.filter(line -> line.contains(" joins anew: ")).count();
      }
    }
    return count;
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}
