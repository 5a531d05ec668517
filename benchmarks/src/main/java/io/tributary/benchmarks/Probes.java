package io.tributary.benchmarks;

import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.JsonNode;

/**
 * Looks with a user's eyes while a load runs: new people whose one event is followed until it's in
 * their profile and they're in the segment, and reads of profiles. All measured from the intended
 * moment, or for visibility from the moment at which the collector had answered.
 */
final class Probes {
  /** Failures that are told in words; the others are counted. */
  private static final int SAID = 3;

  private static final long SEGMENTS_EVERY_NS = 100_000_000;
  private static final long READS_EVERY_NS = 40_000_000;
  private final Target target;
  private final Api api;
  private final String segment;
  private final int profiles;
  private final AtomicLong failures = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();
  private final Histogram visible = histogram();
  private final Histogram member = histogram();
  private final Histogram read = histogram();

  Probes(Target target, Api api, String segment, int profiles) {
    this.target = target;
    this.api = api;
    this.segment = segment;
    this.profiles = profiles;
  }

  private static Histogram histogram() {
    return new ConcurrentHistogram(1_000, 60_000_000_000L, 3);
  }

  /** From the answer to the profile that holds the event, as its reader gets it. */
  Histogram visible() {
    return visible;
  }

  /** From the answer to the membership, as its reader gets it. */
  Histogram member() {
    return member;
  }

  /** Reads of profiles. */
  Histogram read() {
    return read;
  }

  /** Events answered with 200. */
  long sent() {
    return sent.get();
  }

  long failures() {
    return failures.get();
  }

  /** Looks for so long, then waits for what is on its way. */
  void run(double seconds) throws InterruptedException {
    long begin = System.nanoTime();
    long length = (long) (seconds * 1e9);
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      long probes = 0;
      long reads = 0;
      while (System.nanoTime() - begin < length) {
        long nextProbe = begin + probes * SEGMENTS_EVERY_NS;
        long nextRead = begin + reads * READS_EVERY_NS;
        long next = Math.min(nextProbe, nextRead);
        for (long left; (left = next - System.nanoTime()) > 0; ) {
          LockSupport.parkNanos(left);
        }
        if (nextProbe <= nextRead) {
          String person = "probe-" + begin + "-" + probes++;
          executor.execute(() -> attempt(() -> follow(person)));
        } else {
          reads++;
          executor.execute(() -> attempt(() -> profile(next)));
        }
      }
      executor.shutdown();
      if (!executor.awaitTermination(60, TimeUnit.SECONDS)) {
        failures.incrementAndGet();
      }
    }
  }

  private interface Attempt {
    void run() throws IOException, InterruptedException;
  }

  private void attempt(Attempt attempt) {
    try {
      attempt.run();
    } catch (IOException e) {
      if (failures.incrementAndGet() <= SAID) {
        System.err.println("bench: a probe failed: " + e.getMessage());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void profile(long intended) throws IOException, InterruptedException {
    int person = ThreadLocalRandom.current().nextInt(profiles);
    String path = "/api/v1/profiles?identifier=userId:person-%07d".formatted(person);
    HttpResponse<String> answer = api.answer("GET", path, "");
    if (answer.statusCode() != 200) {
      throw new IOException("a profile's read answered " + answer.statusCode());
    }
    read.recordValue(System.nanoTime() - intended);
  }

  private void follow(String person) throws IOException, InterruptedException {
    String position;
    long answered;
    try (Door door = new Door(target.collector())) {
      String body =
          "{\"batch\":[{\"type\":\"track\",\"messageId\":\"%s\",\"userId\":\"%s\",\"event\":\"%s\",\"timestamp\":\"%s\"}]}"
              .formatted(person, person, Segments.PROBE, Load.now());
      String request =
          Door.head(target, "/v1/batch") + "Content-Length: " + body.length() + "\r\n\r\n" + body;
      int status = door.send(request.getBytes(StandardCharsets.UTF_8));
      answered = System.nanoTime();
      if (status != 200) {
        throw new IOException("the collector answered a probe with " + status);
      }
      sent.incrementAndGet();
      position =
          URLEncoder.encode(
              door.header("x-tributary-position").orElseThrow(), StandardCharsets.UTF_8);
    }
    String wait = "position=" + position + "&wait=10";
    String found =
        api.get("/api/v1/profiles?identifier=userId:" + person + "&" + wait)
            .path("data")
            .path(0)
            .path("id")
            .asString("");
    visible.recordValue(System.nanoTime() - answered);
    if (found.isEmpty()) {
      throw new IOException(person + " has no profile though the position is passed");
    }
    if (segment.isEmpty()) {
      return;
    }
    JsonNode segments = api.get("/api/v1/profiles/" + found + "/segments?" + wait);
    long seen = System.nanoTime();
    for (JsonNode standing : segments.path("data")) {
      if (standing.path("segmentId").asString().equals(segment)
          && standing.path("member").asBoolean()) {
        member.recordValue(seen - answered);
        return;
      }
    }
    throw new IOException(person + " isn't in the segment though its position is passed");
  }
}
