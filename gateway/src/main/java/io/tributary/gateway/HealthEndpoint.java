package io.tributary.gateway;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Whether the whole is ready: each service says so itself. Asked at most once a second. */
@RestController
class HealthEndpoint {
  private static final Duration FRESH = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final HttpClient client;
  private final GatewayProperties properties;
  private final Clock clock;
  private final ReentrantLock asking = new ReentrantLock();
  private volatile Health last = new Health("DOWN", Map.of());
  private volatile Instant lastAsked = Instant.EPOCH;

  /**
   * The state of the whole.
   *
   * @param status UP or DOWN
   * @param services the same for each service
   */
  record Health(String status, Map<String, String> services) {}

  HealthEndpoint(HttpClient client, GatewayProperties properties, Clock clock) {
    this.client = client;
    this.properties = properties;
    this.clock = clock;
  }

  @GetMapping("/health")
  ResponseEntity<Health> health() {
    Health health = current();
    return ResponseEntity.status(health.status().equals("UP") ? 200 : 503)
        .header("Cache-Control", "no-store")
        .body(health);
  }

  private Health current() {
    asking.lock();
    try {
      if (!clock.instant().isBefore(lastAsked.plus(FRESH))) {
        last = ask();
        lastAsked = clock.instant();
      }
      return last;
    } finally {
      asking.unlock();
    }
  }

  private Health ask() {
    Map<String, CompletableFuture<String>> asked = new TreeMap<>();
    properties.services().forEach((name, address) -> asked.put(name, ask(address)));
    Map<String, String> answers = new TreeMap<>();
    asked.forEach((name, answer) -> answers.put(name, answer.join()));
    boolean up = answers.values().stream().allMatch("UP"::equals);
    return new Health(up ? "UP" : "DOWN", answers);
  }

  private CompletableFuture<String> ask(URI address) {
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve("/actuator/health/readiness"))
            .timeout(PATIENCE)
            .build();
    return client
        .sendAsync(request, HttpResponse.BodyHandlers.discarding())
        .thenApply(answer -> answer.statusCode() == 200 ? "UP" : "DOWN")
        .exceptionally(failure -> "DOWN");
  }
}
