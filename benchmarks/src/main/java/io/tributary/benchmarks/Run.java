package io.tributary.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/** One measurement from beginning to end. */
final class Run {
  private static final int BATCH = 100;
  private static final int GENTLE_RATE = 2_000;
  private static final int GENTLE_BATCH = 10;
  private static final int TOLD_RATE = 1_000;
  private static final int TOLD_BATCH = 50;

  /** Seconds of a turn from which a rate can be told. */
  private static final double SHORTEST = 5;

  private final Target target;
  private final Options options;
  private final Report report;
  private final Api api;
  private final Load load;

  /** Each batch has a lane of its own, so that no message id comes twice. */
  private final AtomicInteger lanes = new AtomicInteger();

  Run(Target target, Options options, Report report) {
    this.target = target;
    this.options = options;
    this.report = report;
    this.api = new Api(target);
    this.load = new Load(target);
  }

  /** Runs all phases; true when everything that was accepted took effect, once. */
  boolean all() throws IOException, InterruptedException, SQLException {
    Machine.describe(report.json().putObject("machine"), options);
    if (options.phases().contains(Phase.BASELINE)) {
      baselines();
    }
    List<String> segments = Segments.create(api, options.segments());
    // First of all: a port that is taken is to be told before anything is measured.
    try (Receivers receivers = new Receivers(options.receiverPort(), api, report);
        Pipeline pipeline = new Pipeline(api, load::accepted)) {
      fill(pipeline);
      if (options.phases().contains(Phase.FULL)) {
        full(pipeline);
      }
      if (options.phases().contains(Phase.SINGLE)) {
        singles(pipeline);
      }
      Optional<Probes> probes =
          options.phases().contains(Phase.GENTLE)
              ? Optional.of(gentle(pipeline, segments))
              : Optional.empty();
      if (options.phases().contains(Phase.GOVERNED)) {
        governed(pipeline);
      }
      if (options.phases().contains(Phase.DESTINATIONS)) {
        destinations(pipeline, receivers);
      }
      return sound(pipeline, probes);
    }
  }

  private void full(Pipeline pipeline) throws IOException, InterruptedException, SQLException {
    report.say("Full speed, batches of " + BATCH + ":");
    double rate =
        new FullSpeed(target, report, load, pipeline)
            .run(options.seconds() * 0.4, batches(BATCH), Load.anyOf(options.profiles()));
    if (options.phases().contains(Phase.STEADY)) {
      steady(pipeline, 0.9 * rate);
    }
  }

  private void governed(Pipeline pipeline) throws IOException, InterruptedException {
    report.say("Full speed, without and with a tracking plan, steps and enrichments, by turns:");
    new Governance(api, report).run(target, source -> through(pipeline, source));
  }

  private double through(Pipeline pipeline, Target source) {
    try {
      double from = pipeline.now();
      double seconds = Math.max(SHORTEST, options.seconds() * 0.03);
      load.closed(
          FullSpeed.THREADS,
          seconds,
          batches(source, BATCH),
          Load.anyOf(options.profiles()),
          () -> pipeline.below(FullSpeed.BOUND));
      List<Pipeline.Sample> samples = pipeline.between(from + 0.2 * seconds, pipeline.now());
      pipeline.drained(120);
      return FullSpeed.through(samples);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void destinations(Pipeline pipeline, Receivers receivers)
      throws IOException, InterruptedException {
    report.say(
        "A destination at "
            + TOLD_RATE
            + " events/s, alone and beside a dead and a slow one, by turns:");
    receivers.run(
        pipeline,
        () ->
            load.open(
                2,
                Math.max(SHORTEST, options.seconds() * 0.04),
                TOLD_RATE / (double) TOLD_BATCH,
                batches(TOLD_BATCH),
                Load.anyOf(options.profiles())));
  }

  private Load.Lanes batches(int size) {
    return batches(target, size);
  }

  private Load.Lanes batches(Target source, int size) {
    String head = Door.head(source, "/v1/batch");
    return _ -> Batch.mixed(head, size, lanes.incrementAndGet());
  }

  private void baselines() throws IOException, InterruptedException, SQLException {
    double seconds = Math.clamp(options.seconds() / 60.0, 1, 5);
    report.say("This machine, one thing at a time:");
    Baselines baselines = new Baselines(target, seconds);
    report.figure("baseline", "read and check alone, one thread", baselines.parse(), "events/s");
    report.figure(
        "baseline", "produce to Kafka alone, one thread", baselines.produce(), "events/s");
    report.figure(
        "baseline", "COPY into Postgres alone, one connection", baselines.copy(), "rows/s");
    Batch sample = Batch.mixed("", BATCH, 0);
    report.figure("baseline", "size of an event", sample.bodyBytes() / (double) BATCH, "bytes");
  }

  /** Everybody's first event, all at once: how fast profiles come into being. */
  private void fill(Pipeline pipeline) throws IOException, InterruptedException {
    report.say("New profiles:");
    String head = Door.head(target, "/v1/batch");
    long requests = Math.ceilDiv(options.profiles(), BATCH);
    double from = pipeline.now();
    Load.Outcome outcome =
        load.burst(
            4, requests, _ -> Batch.people(head, BATCH, lanes.incrementAndGet()), Load.each());
    pipeline.drained(600);
    report.figure("new profiles", "accepted", outcome.eventsPerSecond(), "events/s");
    report.figure(
        "new profiles",
        "made, through all stages",
        outcome.events() / (pipeline.now() - from),
        "profiles/s");
    report.count("new profiles", "requests refused or broken", outcome.refused(), "requests");
  }

  private void steady(Pipeline pipeline, double rate) throws IOException, InterruptedException {
    report.say("At nine tenths of that, whatever the answers do:");
    double from = pipeline.now();
    Load.Outcome outcome =
        load.open(
            8,
            options.seconds() * 0.2,
            rate / BATCH,
            batches(BATCH),
            Load.anyOf(options.profiles()));
    List<Pipeline.Sample> samples = pipeline.between(from, pipeline.now());
    report.figure("steady", "rate asked for", rate, "events/s");
    report.figure("steady", "events accepted", outcome.eventsPerSecond(), "events/s");
    report.count("steady", "requests refused or broken", outcome.refused(), "requests");
    report.percentiles("steady", "answer", outcome.answers());
    Growth.describe(report, "steady", samples);
    pipeline.drained(120);
  }

  private void singles(Pipeline pipeline) throws IOException, InterruptedException {
    report.say("One event to a request:");
    String head = Door.head(target, "/v1/track");
    double from = pipeline.now();
    Load.Outcome outcome =
        load.closed(
            32,
            options.seconds() * 0.1,
            _ -> Batch.single(head, lanes.incrementAndGet()),
            Load.anyOf(options.profiles()),
            () -> pipeline.below(20_000));
    List<Pipeline.Sample> samples = pipeline.between(from, pipeline.now());
    report.figure("single", "requests accepted", outcome.requestsPerSecond(), "requests/s");
    report.count("single", "requests refused or broken", outcome.refused(), "requests");
    report.figure("single", "growth of the lag", Growth.slope(samples), "records/s");
    pipeline.drained(120);
  }

  private Probes gentle(Pipeline pipeline, List<String> segments)
      throws IOException, InterruptedException, SQLException {
    report.say("At " + GENTLE_RATE + " events/s, with people looking:");
    double seconds = options.seconds() * 0.2;
    String segment = segments.isEmpty() ? "" : segments.getFirst();
    Probes probes = new Probes(target, api, segment, options.profiles());
    Flight flight = new Flight(target);
    Thread looking = Thread.ofPlatform().start(() -> look(probes, seconds));
    double from = pipeline.now();
    Load.Outcome outcome;
    Cpu spent;
    try (Connection database = target.database()) {
      Cpu before = Cpu.read(target, database);
      flight.start();
      outcome =
          load.open(
              8,
              seconds,
              GENTLE_RATE / (double) GENTLE_BATCH,
              batches(GENTLE_BATCH),
              Load.anyOf(options.profiles()));
      spent = Cpu.read(target, database).since(before);
      flight.stop();
    }
    List<Pipeline.Sample> samples = pipeline.between(from, pipeline.now());
    looking.join();
    String phase = "2,000 events/s";
    spent.describe(report, phase, (double) outcome.events());
    flight.read().describe(report.json().putObject("stacks at " + phase));
    report.figure(phase, "events accepted", outcome.eventsPerSecond(), "events/s");
    report.count(phase, "requests refused or broken", outcome.refused(), "requests");
    report.percentiles(phase, "collection answer", outcome.answers());
    report.percentiles(phase, "answer to visible in the profile", probes.visible());
    report.percentiles(phase, "answer to in the segment", probes.member());
    report.percentiles(phase, "read of a profile", probes.read());
    report.count(phase, "looks that failed", probes.failures(), "times");
    Growth.describe(report, phase, samples);
    return probes;
  }

  private static void look(Probes probes, double seconds) {
    try {
      probes.run(seconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The product's own totals must tell what the generator was answered. */
  private boolean sound(Pipeline pipeline, Optional<Probes> probes)
      throws IOException, InterruptedException {
    pipeline.drained(120);
    JsonNode totals = pipeline.totals();
    long sent = load.accepted() + probes.map(Probes::sent).orElse(0L);
    long applied = totals.path("applied").asLong();
    report.say("What became of it:");
    report.count("totals", "events answered with 200", sent, "events");
    report.count("totals", "events whose answer is not known", load.unknown(), "events");
    report.count("totals", "events applied", applied, "events");
    report.count("totals", "events quarantined", totals.path("quarantined").asLong(), "events");
    report.count("totals", "duplicates", totals.path("duplicate").asLong(), "events");
    return applied >= sent
        && applied <= sent + load.unknown()
        && probes.map(Probes::failures).orElse(0L) == 0;
  }
}
