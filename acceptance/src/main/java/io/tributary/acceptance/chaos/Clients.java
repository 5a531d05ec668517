package io.tributary.acceptance.chaos;

import io.tributary.acceptance.chaos.Journal.Outcome;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Client threads that post through the real door and note every outcome. What isn't answered with
 * 200 they mostly send again, byte for byte, until it is; sometimes they give up, and sometimes
 * they send again what was answered.
 */
final class Clients {
  private static final int REQUESTS_PER_VISIT = 30;
  private static final Duration PATIENCE = Duration.ofSeconds(8);
  private final Target target;
  private final Journal journal;
  private final Traffic traffic;
  private final ConcurrentLinkedQueue<String> surprises = new ConcurrentLinkedQueue<>();
  private final String key;

  Clients(Target target, Journal journal, Traffic traffic) {
    this.target = target;
    this.journal = journal;
    this.traffic = traffic;
    this.key =
        Base64.getEncoder()
            .encodeToString((target.writeKey() + ":").getBytes(StandardCharsets.UTF_8));
  }

  /** Answers that no well-formed request may get. */
  List<String> surprises() {
    return List.copyOf(surprises);
  }

  /** A load that has begun. */
  final class Load {
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final List<Thread> threads = new ArrayList<>();

    private Load(int count, long seed) {
      for (int i = 0; i < count; i++) {
        Random random = new Random(seed + i);
        threads.add(Thread.ofPlatform().name("client-" + i).start(() -> client(random)));
      }
    }

    private void client(Random random) {
      try {
        while (running.get()) {
          visit(random);
        }
      } catch (IOException e) {
        surprises.add("a client couldn't keep its journal: " + e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** Some requests over one connection, as long as nothing breaks it. */
    private void visit(Random random) throws IOException, InterruptedException {
      try (HttpClient http = http()) {
        for (int i = 0; i < REQUESTS_PER_VISIT && running.get(); i++) {
          Request request = traffic.next(random);
          boolean stubborn = random.nextInt(10) < 7;
          boolean taken = post(http, request);
          while (!taken && stubborn && running.get()) {
            TimeUnit.MILLISECONDS.sleep(100);
            taken = post(http, request);
          }
          if (taken && random.nextInt(15) == 0) {
            post(http, request);
          }
          TimeUnit.MILLISECONDS.sleep(20 + random.nextInt(40));
        }
      }
    }

    /** Ends it, after the requests at hand. */
    void end() throws InterruptedException {
      running.set(false);
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  /**
   * Begins a load by so many threads that is the same for the same seed, as far as answers allow.
   */
  Load begin(int count, long seed) {
    return new Load(count, seed);
  }

  /** Sends until it is answered with 200; false when that takes longer than the limit. */
  boolean insist(Request request, Duration limit) throws IOException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    try (HttpClient http = http()) {
      while (System.nanoTime() < end) {
        if (post(http, request)) {
          return true;
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
    return false;
  }

  /** Many threads at once, each a few requests. */
  void storm(int count, int each, long seed) throws InterruptedException {
    List<Thread> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Random random = new Random(seed + i);
      all.add(Thread.ofVirtual().start(() -> storming(random, each)));
    }
    for (Thread thread : all) {
      thread.join();
    }
  }

  private void storming(Random random, int each) {
    try (HttpClient http = http()) {
      for (int i = 0; i < each; i++) {
        post(http, Request.single(traffic.crosswise(random)));
      }
    } catch (IOException e) {
      surprises.add("a client couldn't keep its journal: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static HttpClient http() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(3))
        .build();
  }

  /** Whether there's nothing more to do about the request. */
  private boolean post(HttpClient http, Request request) throws IOException, InterruptedException {
    HttpRequest post =
        HttpRequest.newBuilder(URI.create(target.collectorUrl() + request.path()))
            .timeout(PATIENCE)
            .header("Authorization", "Basic " + key)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(request.body()))
            .build();
    journal.sending(request.facts());
    int status;
    try {
      status = http.send(post, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return false; // no answer: nobody knows
    }
    return switch (status) {
      case 200 -> {
        if (request.broken()) {
          surprises.add("a request that ends in the middle was answered with 200");
        }
        journal.answered(request.facts(), Outcome.OK);
        yield true;
      }
      case 429, 503 -> false;
      default -> {
        if (status != 400 || !request.broken()) {
          surprises.add("a client was answered with " + status);
        }
        if (status / 100 == 4) {
          journal.answered(request.facts(), Outcome.REFUSED);
        }
        yield status / 100 == 4;
      }
    };
  }
}
