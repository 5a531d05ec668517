package io.tributary.benchmarks;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;

/**
 * Whether a destination that is dead and one that answers after two seconds slow another one down,
 * or the stages: a quick destination alone and beside them, by turns, at a given rate.
 */
final class Receivers implements AutoCloseable {
  private static final String PHASE = "destinations";
  private static final int TURNS = 2;
  private static final int LIMIT_SECONDS = 120;

  private final HttpServer server;
  private final LongAdder quick = new LongAdder();
  private final Api api;
  private final Report report;

  /**
   * Receivers on a port to which the product may post.
   *
   * @param port of this machine; 0 for any, to which the product may not post
   */
  Receivers(int port, Api api, Report report) throws IOException {
    this.api = api;
    this.report = report;
    this.server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/quick",
        exchange -> {
          answer(exchange, 204);
          quick.increment();
        });
    server.createContext("/dead", exchange -> answer(exchange, 503));
    server.createContext(
        "/slow",
        exchange -> {
          pause();
          answer(exchange, 204);
        });
    server.start();
  }

  private static void answer(HttpExchange exchange, int status) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      exchange.sendResponseHeaders(status, -1);
    }
  }

  private static void pause() {
    try {
      TimeUnit.SECONDS.sleep(2);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Posts at the rate, and tells what came of it. */
  interface Posts {
    Load.Outcome run() throws IOException, InterruptedException;
  }

  /**
   * What a turn came to.
   *
   * @param perSecond messages that the quick one took a second while events were posted
   * @param rest seconds until it had the rest
   * @param behind events on their way through the stages, on average
   */
  private record Turn(double perSecond, double rest, double behind) {}

  /** Runs all turns. */
  void run(Pipeline pipeline, Posts posts) throws IOException, InterruptedException {
    create("quick");
    // The first time counts for nothing: somebody has to begin to work on it.
    turn(pipeline, posts);
    List<Turn> alone = new ArrayList<>();
    List<Turn> beside = new ArrayList<>();
    for (int i = 0; i < TURNS; i++) {
      alone.add(turn(pipeline, posts));
      String dead = create("dead");
      String slow = create("slow");
      beside.add(turn(pipeline, posts));
      for (String id : List.of(dead, slow)) {
        api.send("DELETE", "/api/v1/destinations/" + id, "");
      }
    }
    tell("alone", alone);
    tell("beside a dead and a slow one", beside);
    report.figure(
        PHASE,
        "of the rate alone",
        100 * mean(beside, Turn::perSecond) / mean(alone, Turn::perSecond),
        "%");
  }

  private Turn turn(Pipeline pipeline, Posts posts) throws IOException, InterruptedException {
    long before = quick.sum();
    double from = pipeline.now();
    Load.Outcome outcome = posts.run();
    double end = pipeline.now();
    long then = quick.sum() - before;
    while (quick.sum() - before < outcome.events()) {
      if (pipeline.now() > end + LIMIT_SECONDS) {
        throw new IOException("a destination hasn't all it was to get");
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
    double rest = pipeline.now() - end;
    double behind =
        pipeline.between(from, end).stream().mapToLong(Pipeline.Sample::behind).average().orElse(0);
    pipeline.drained(LIMIT_SECONDS);
    return new Turn(then / outcome.seconds(), rest, behind);
  }

  private String create(String name) throws IOException, InterruptedException {
    return api.send(
            "POST",
            "/api/v1/destinations",
            "{\"name\": \"%1$s\", \"kind\": \"webhook\", \"url\": \"http://localhost:%2$d/%1$s\", \"sends\": [\"events\"]}"
                .formatted(name, server.getAddress().getPort()))
        .path("id")
        .asString();
  }

  private void tell(String how, List<Turn> turns) {
    report.figure(PHASE, "a quick one took, " + how, mean(turns, Turn::perSecond), "messages/s");
    report.figure(PHASE, "and the rest, " + how, mean(turns, Turn::rest), "s later");
    report.figure(PHASE, "events on their way, " + how, mean(turns, Turn::behind), "events");
  }

  private static double mean(List<Turn> turns, ToDoubleFunction<Turn> what) {
    return turns.stream().mapToDouble(what).average().orElse(0);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
