package io.tributary.gateway;

import io.tributary.web.Problem;
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
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The OpenAPI document of the whole, put together from what each service says of itself. Never a
 * part of it: as long as a service hasn't answered once, there is none.
 */
@RestController
class OpenApiEndpoint {
  private static final Logger LOG = LoggerFactory.getLogger(OpenApiEndpoint.class);
  private static final Duration FRESH = Duration.ofMinutes(1);
  private static final Duration AGAIN = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final HttpClient client;
  private final GatewayProperties properties;
  private final Clock clock;
  private final ReentrantLock asking = new ReentrantLock();

  /** The last answer of each service; only who is asking touches it. */
  private final Map<String, JsonNode> parts = new TreeMap<>();

  private volatile byte[] document = new byte[0];
  private volatile Instant staleFrom = Instant.EPOCH;

  OpenApiEndpoint(HttpClient client, GatewayProperties properties, Clock clock) {
    this.client = client;
    this.properties = properties;
    this.clock = clock;
  }

  @GetMapping("/api/v1/openapi.json")
  ResponseEntity<byte[]> document() {
    return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(current());
  }

  private byte[] current() {
    asking.lock();
    try {
      if (!clock.instant().isBefore(staleFrom)) {
        refresh();
      }
      return document;
    } finally {
      asking.unlock();
    }
  }

  private void refresh() {
    Map<String, CompletableFuture<JsonNode>> asked = new TreeMap<>();
    properties.services().forEach((name, address) -> asked.put(name, ask(address)));
    boolean fresh = true;
    for (Map.Entry<String, CompletableFuture<JsonNode>> answer : asked.entrySet()) {
      try {
        parts.put(answer.getKey(), answer.getValue().join());
      } catch (CompletionException e) {
        fresh = false;
        LOG.warn(
            "openapi service={} outcome=failed cause={}",
            answer.getKey(),
            String.valueOf(e.getCause()));
      }
    }
    if (parts.size() < properties.services().size()) {
      throw Problem.unavailable(
          "service_unavailable",
          "The document needs all services, and not all have answered yet. Send it again soon.",
          Duration.ofSeconds(2));
    }
    document = JSON.writeValueAsBytes(new MergedDocument().merge(parts));
    staleFrom = clock.instant().plus(fresh ? FRESH : AGAIN);
  }

  private CompletableFuture<JsonNode> ask(URI address) {
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve("/v3/api-docs")).timeout(PATIENCE).build();
    return client
        .sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
        .thenApply(OpenApiEndpoint::read);
  }

  private static JsonNode read(HttpResponse<byte[]> answer) {
    if (answer.statusCode() != 200) {
      throw new IllegalStateException("status " + answer.statusCode());
    }
    try {
      return JSON.readTree(answer.body());
    } catch (JacksonException e) {
      throw new IllegalStateException("no JSON", e);
    }
  }
}
