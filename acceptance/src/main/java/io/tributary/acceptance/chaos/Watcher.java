package io.tributary.acceptance.chaos;

import io.tributary.demo.Api;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * Reads regulars' profiles while everything breaks: what was seen once must not be unseen (I11).
 * They never merge, so their version and their count only grow.
 */
final class Watcher {
  private static final int PAUSE_MILLIS = 200;
  private final Target target;
  private final Map<String, Seen> latest = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Finding> findings = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile boolean ended;

  private record Seen(long version, long events) {}

  /** Begins to read. */
  Watcher(Target target, long seed) {
    this.target = target;
    this.thread = Thread.ofVirtual().start(() -> watch(new Random(seed)));
  }

  /** Ends it and says what was wrong. */
  List<Finding> end() throws InterruptedException {
    ended = true;
    thread.join();
    return List.copyOf(findings);
  }

  /** What was seen so far binds no more. */
  void forget() {
    latest.clear();
  }

  private void watch(Random random) {
    try {
      while (!ended) {
        try {
          look("p-" + random.nextInt(Traffic.REGULARS));
        } catch (IOException e) {
          // Away: as expected, now and then.
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(String userId) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        target.api().answer("GET", "/api/v1/profiles?identifier=userId:" + userId, "");
    if (answer.statusCode() == 404 && latest.containsKey(userId)) {
      findings.add(Finding.mismatched("I11", 0, userId + " was there and isn't any more"));
    }
    if (answer.statusCode() != 200) {
      return;
    }
    JsonNode profile = Api.MAPPER.readTree(answer.body()).path("data").path(0);
    Seen seen = new Seen(profile.path("changeNo").asLong(0), profile.path("eventCount").asLong(0));
    Seen before = latest.put(userId, seen);
    if (before != null && (seen.version < before.version || seen.events < before.events)) {
      findings.add(Finding.mismatched("I11", 0, userId + " was " + before + " and is " + seen));
    }
  }
}
