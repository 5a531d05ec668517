package io.tributary.benchmarks;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The highest rate at which the pipeline keeps up: the generator sends as fast as answers come
 * while fewer than {@link #BOUND} events are on their way, and waits else. So what is accepted is
 * what the slowest stage takes.
 */
final class FullSpeed {
  private static final String PHASE = "full speed";

  /** Some seconds' work: batches are full, and nothing of it is a growing lag. */
  static final long BOUND = 20_000;

  static final int THREADS = 4;
  private final Target target;
  private final Report report;
  private final Load load;
  private final Pipeline pipeline;

  FullSpeed(Target target, Report report, Load load, Pipeline pipeline) {
    this.target = target;
    this.report = report;
    this.load = load;
    this.pipeline = pipeline;
  }

  /** Events a second that went through all stages, in the time after the first fifth. */
  double run(double seconds, Load.Lanes batches, IntSupplier people)
      throws IOException, InterruptedException, SQLException {
    Flight flight = new Flight(target);
    try (Connection database = target.database();
        ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Disk diskBefore = Disk.read(target, database);
      Future<Load.Outcome> running =
          executor.submit(
              () -> load.closed(THREADS, seconds, batches, people, () -> pipeline.below(BOUND)));
      TimeUnit.MILLISECONDS.sleep((long) (seconds * 200));
      double from = pipeline.now();
      Cpu before = Cpu.read(target, database);
      flight.start();
      TimeUnit.MILLISECONDS.sleep((long) (seconds * 780));
      Cpu spent = Cpu.read(target, database).since(before);
      List<Pipeline.Sample> samples = pipeline.between(from, pipeline.now());
      flight.stop();
      Load.Outcome outcome = running.get();
      double rate = rate(samples, outcome);
      double events = rate * (samples.getLast().seconds() - samples.getFirst().seconds());
      memory();
      spent.describe(report, PHASE, events);
      double drained = pipeline.drained(120);
      report.figure(PHASE, "until all stages were through", drained, "s");
      disk(diskBefore, Disk.read(target, database), outcome.events());
      flight(flight.read(), events);
      return rate;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the load ended early", e.getCause());
    }
  }

  private double rate(List<Pipeline.Sample> samples, Load.Outcome outcome) {
    double rate = through(samples);
    report.figure(PHASE, "events through all stages", rate, "events/s");
    report.figure(PHASE, "events accepted", outcome.eventsPerSecond(), "events/s");
    report.count(PHASE, "requests refused or broken", outcome.refused(), "requests");
    Growth.describe(report, PHASE, samples);
    ArrayNode series = report.json().putArray("lag at full speed");
    for (Pipeline.Sample sample : samples) {
      ObjectNode node = series.addObject();
      node.put("seconds", Math.round(sample.seconds() * 10) / 10.0)
          .put("accepted", sample.accepted());
      sample.lag().forEach(node::put);
    }
    return rate;
  }

  /** Events a second that went through all stages. */
  static double through(List<Pipeline.Sample> samples) {
    Pipeline.Sample first = samples.getFirst();
    Pipeline.Sample last = samples.getLast();
    double seconds = last.seconds() - first.seconds();
    return (last.accepted() - last.behind() - first.accepted() + first.behind()) / seconds;
  }

  private void memory() {
    report.figure(PHASE, "resident memory of the product", Cpu.resident(target.pid()) / 1e6, "MB");
    report.figure(
        PHASE,
        "resident memory of Postgres",
        Cpu.residentOfPostgres(target.postmaster()) / 1e6,
        "MB");
  }

  private void disk(Disk before, Disk after, long events) {
    report.figure(
        PHASE,
        "tables and indexes",
        (after.tables() - before.tables()) / (double) events,
        "bytes/event");
    report.figure(
        PHASE, "topics", (after.topics() - before.topics()) / (double) events, "bytes/event");
    report.figure(
        PHASE,
        "write-ahead log written",
        (after.log() - before.log()) / (double) events,
        "bytes/event");
  }

  private void flight(Flight.Findings findings, double events) {
    report.figure(PHASE, "allocated by the product", findings.allocated() / events, "bytes/event");
    report.count(PHASE, "garbage collections", findings.collections(), "times");
    report.figure(PHASE, "paused by them", findings.pausedMs(), "ms");
    findings.describe(report.json().putObject("stacks"));
  }
}
