package io.tributary.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import tools.jackson.databind.JsonNode;

/** Watches how far the stages are behind, by {@code GET /api/v1/status}. */
final class Pipeline implements AutoCloseable {
  private static final long EVERY_MS = 400;
  private final Api api;
  private final LongSupplier accepted;
  private final long begin = System.nanoTime();
  private final List<Sample> samples = new ArrayList<>();
  private final Thread thread;
  private volatile long behind;
  private volatile long told = System.nanoTime();
  private volatile boolean closed;

  /**
   * The lags at a moment.
   *
   * @param seconds since the watch began
   * @param accepted events answered with 200 by then
   */
  record Sample(double seconds, long accepted, Map<String, Long> lag) {
    /** Records that the slowest way still has before it; each event is one record on each hop. */
    long behind() {
      return lag.getOrDefault("identity", 0L)
          + lag.getOrDefault("profile", 0L)
          + Math.max(lag.getOrDefault("segment", 0L), lag.getOrDefault("campaign-events", 0L));
    }
  }

  Pipeline(Api api, LongSupplier accepted) {
    this.api = api;
    this.accepted = accepted;
    this.thread = Thread.ofPlatform().name("watch").start(this::watch);
  }

  private void watch() {
    while (!closed) {
      try {
        look();
        TimeUnit.MILLISECONDS.sleep(EVERY_MS);
      } catch (IOException e) {
        System.err.println("bench: the status can't be read: " + e.getMessage());
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private Sample look() throws IOException, InterruptedException {
    long before = accepted.getAsLong();
    JsonNode status = api.get("/api/v1/status");
    Map<String, Long> lag = new LinkedHashMap<>();
    for (JsonNode stage : status.path("stages")) {
      lag.put(stage.path("stage").asString(), stage.path("lag").asLong());
    }
    Sample sample = new Sample((System.nanoTime() - begin) / 1e9, before, lag);
    behind = sample.behind();
    told = System.nanoTime();
    synchronized (samples) {
      samples.add(sample);
    }
    return sample;
  }

  /**
   * Whether fewer events than this are on their way, as far as was told within the last seconds.
   */
  boolean below(long bound) {
    return behind < bound && System.nanoTime() - told < 5_000_000_000L;
  }

  /** Seconds since the watch began. */
  double now() {
    return (System.nanoTime() - begin) / 1e9;
  }

  /** The samples of a span of the watch. */
  List<Sample> between(double from, double to) {
    synchronized (samples) {
      return samples.stream().filter(s -> s.seconds() >= from && s.seconds() <= to).toList();
    }
  }

  /** Waits until nothing is on its way; returns how many seconds that took. */
  double drained(int limitSeconds) throws IOException, InterruptedException {
    double from = now();
    while (now() < from + limitSeconds) {
      JsonNode totals = api.get("/api/v1/status").path("totals");
      if (totals.path("inFlight").asLong(1) == 0 && look().behind() == 0) {
        return now() - from;
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    throw new IOException("the stages aren't through after " + limitSeconds + " s");
  }

  /** What became of everything that was accepted. */
  JsonNode totals() throws IOException, InterruptedException {
    return api.get("/api/v1/status").path("totals");
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
