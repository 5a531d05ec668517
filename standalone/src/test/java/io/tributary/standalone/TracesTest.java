package io.tributary.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.tributary.embedded.Ports;
import io.tributary.event.Topics;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestKafka;
import io.tributary.testing.TestPostgres;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** All services in one process, followed from the request to the membership, and not followed. */
class TracesTest {
  private static final String WRITE_KEY = "w".repeat(32);
  private static final String TOKEN = "trb_" + "t".repeat(40);
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final List<String> WAY =
      List.of(
          Topics.INGESTION_EVENTS,
          Topics.IDENTITY_EVENTS,
          Topics.PROFILE_CHANGES,
          Topics.SEGMENT_CHANGES);
  private static final TestDatabase DATABASE = TestPostgres.freshDatabase();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final String user = "traced-" + UUID.randomUUID();
  private int collector;
  private int api;

  /** Once for the class: what the second start continues is the database of the first. */
  @BeforeAll
  static void begin() {
    TestKafka.forgetReaders();
  }

  @AfterAll
  static void stop() {
    HTTP.close();
  }

  @Test
  void oneTraceLeadsFromTheRequestToTheMembership() throws Exception {
    List<String> exported = new CopyOnWriteArrayList<>();
    HttpServer receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/v1/traces",
        exchange -> {
          exported.add(
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    receiver.start();
    String endpoint = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/v1/traces";
    try (Services services =
        start(Map.of("TRIBUTARY_TRACES_ENDPOINT", endpoint, "TRIBUTARY_TRACES_SAMPLED", "1"))) {
      assertThat(services).isNotNull();
      enter("00-" + TRACE + "-00f067aa0ba902b7-01");
      for (String topic : WAY) {
        assertThat(traces(topic)).as(topic).isNotEmpty().allMatch(trace -> trace.contains(TRACE));
      }
      assertThat(WAY.stream().flatMap(topic -> traces(topic).stream()).distinct())
          .as("each stage is a part of its own")
          .hasSize(WAY.size());
    } finally {
      receiver.stop(0); // what was buffered has been sent by the services' end
    }
    assertThat(String.join("", exported))
        .contains("stage identity", "stage profile", "stage segment", "ingestion-service")
        .doesNotContain(user, WRITE_KEY);
  }

  @Test
  void withoutAnEndpointNoRecordCarriesAnything() throws Exception {
    try (Services services = start(Map.of())) {
      assertThat(services).isNotNull();
      enter("00-" + TRACE + "-00f067aa0ba902b7-01");
      for (String topic : WAY) {
        assertThat(records(topic))
            .as(topic)
            .isNotEmpty()
            .allMatch(record -> record.headers().lastHeader("traceparent") == null);
      }
    }
  }

  private Services start(Map<String, String> more) {
    collector = Ports.free();
    api = Ports.free();
    Map<String, String> settings = new HashMap<>(DATABASE.properties());
    settings.put(Backing.KAFKA, TestKafka.bootstrapServers());
    settings.put("TRIBUTARY_PARTITIONS", "2");
    settings.put(Keys.ENCRYPTION_KEY, "a key for tests, and for nothing else");
    settings.put(Options.COLLECTOR_PORT, String.valueOf(collector));
    settings.put(Options.API_PORT, String.valueOf(api));
    settings.put("TRIBUTARY_WRITE_KEY", WRITE_KEY);
    settings.put("TRIBUTARY_API_TOKEN", TOKEN);
    settings.put("spring.lifecycle.timeout-per-shutdown-phase", "3s");
    settings.putAll(more);
    return Services.start(StandaloneApplication.units(), settings);
  }

  /** Somebody becomes a member by an event of theirs. */
  private void enter(String traceparent) throws Exception {
    String segment =
        """
        {"name": "Traced %s", "condition": {"type": "trait", "trait": "traced", "operator": "equals", "value": "%s"}}
        """
            .formatted(user, user);
    HttpResponse<String> made =
        HTTP.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api + "/api/v1/segments"))
                .header("Authorization", "Bearer " + TOKEN)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(segment))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    URI location =
        URI.create("http://127.0.0.1:" + api)
            .resolve(made.headers().firstValue("Location").orElseThrow());
    // Until then a membership could come of the history, which no trace leads to.
    await().atMost(Duration.ofSeconds(60)).until(() -> read(location).contains("\"ready\""));
    String event = "{\"userId\":\"%s\",\"traits\":{\"traced\":\"%s\"}}".formatted(user, user);
    HttpResponse<String> taken =
        HTTP.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + collector + "/v1/identify"))
                .header("Authorization", "Basic " + basic())
                .header("traceparent", traceparent)
                .POST(HttpRequest.BodyPublishers.ofString(event))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(taken.statusCode()).as(taken.body()).isEqualTo(200);
    String settings = "/v1/projects/" + WRITE_KEY + "/settings"; // a path that holds a key
    HTTP.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + collector + settings)).build(),
        HttpResponse.BodyHandlers.discarding());
    await().atMost(Duration.ofSeconds(60)).until(() -> !records(Topics.SEGMENT_CHANGES).isEmpty());
  }

  private static String read(URI address) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(address).header("Authorization", "Bearer " + TOKEN).build();
    return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private static String basic() {
    return Base64.getEncoder().encodeToString((WRITE_KEY + ":").getBytes(StandardCharsets.UTF_8));
  }

  private List<String> traces(String topic) {
    return records(topic).stream()
        .map(record -> record.headers().lastHeader("traceparent"))
        .filter(Objects::nonNull)
        .map(Header::value)
        .map(value -> new String(value, StandardCharsets.US_ASCII))
        .toList();
  }

  /**
   * The records of this test's person: all before the last topic name them, the last their profile.
   */
  private List<ConsumerRecord<byte[], byte[]>> records(String topic) {
    if (!topic.equals(Topics.SEGMENT_CHANGES)) {
      return TestKafka.committed(topic).stream()
          .filter(record -> text(record.value()).contains(user))
          .toList();
    }
    List<String> profiles =
        records(Topics.PROFILE_CHANGES).stream().map(record -> text(record.key())).toList();
    return TestKafka.committed(topic).stream()
        .filter(record -> profiles.contains(text(record.key())))
        .toList();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
