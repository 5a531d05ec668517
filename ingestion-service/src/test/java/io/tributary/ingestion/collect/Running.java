package io.tributary.ingestion.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.access.Secrets;
import io.tributary.event.Json;
import io.tributary.ingestion.IngestionApplication;
import io.tributary.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import tools.jackson.databind.JsonNode;

/** The whole service, started as its main starts it, and ways to talk to it. */
public final class Running implements AutoCloseable {
  private static final AtomicInteger BESIDE = new AtomicInteger();
  private static final String WRITE_KEY = "tributary.bootstrap.write-key";
  private static final String TOKEN = "tributary.bootstrap.api-token";

  /** A server source's key. */
  public final String serverKey;

  /** A token that may do everything. */
  public final String token;

  private final ServletWebServerApplicationContext context;
  private final HttpClient http = HttpClient.newHttpClient();

  /** Starts it on free ports. */
  public Running(TestDatabase database, String kafka) {
    this(database.properties(), kafka);
  }

  /** One more instance of a service that runs already, with the same settings. */
  public static Running beside(Running first, Map<String, String> more, String kafka) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("TRIBUTARY_INSTANCE", "beside-" + BESIDE.incrementAndGet());
    settings.put(WRITE_KEY, first.serverKey);
    settings.put(TOKEN, first.token);
    return new Running(settings, kafka);
  }

  /** Starts it on free ports, with these settings beside those that all tests need. */
  public Running(Map<String, String> more, String kafka) {
    serverKey = more.getOrDefault(WRITE_KEY, Secrets.writeKey());
    token = more.getOrDefault(TOKEN, Secrets.token());
    Map<String, Object> settings = new HashMap<>(more);
    settings.put("TRIBUTARY_KAFKA_BOOTSTRAP", kafka);
    settings.put("TRIBUTARY_PARTITIONS", "2");
    settings.put("TRIBUTARY_INGESTION_PORT", "0");
    settings.put("TRIBUTARY_COLLECTOR_PORT", "0");
    settings.put("TRIBUTARY_COLLECTOR_BIND", "127.0.0.1");
    settings.put("TRIBUTARY_COLLECTOR_IN_FLIGHT", "8MB");
    settings.put(WRITE_KEY, serverKey);
    settings.put(TOKEN, token);
    String[] arguments =
        settings.entrySet().stream()
            .map(entry -> "--" + entry.getKey() + "=" + entry.getValue())
            .toArray(String[]::new);
    context =
        (ServletWebServerApplicationContext) IngestionApplication.application().run(arguments);
  }

  /** A part of the service. */
  public <T> T part(Class<T> type) {
    return context.getBean(type);
  }

  public URI collector(String path) {
    return URI.create("http://127.0.0.1:" + part(CollectorPort.class).port() + path);
  }

  public URI internal(String path) {
    int port = Objects.requireNonNull(context.getWebServer()).getPort();
    return URI.create("http://127.0.0.1:" + port + path);
  }

  /** Posts JSON (apostrophes for quotes) with the server source's key. */
  public HttpResponse<String> post(String path, String json) {
    return send(
        HttpRequest.newBuilder(collector(path))
            .header("Authorization", basic(serverKey + ":"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json.replace('\'', '"'))));
  }

  /**
   * Calls the management API.
   *
   * @param headers names and values in turn
   */
  public HttpResponse<String> api(String method, String path, String body, String... headers) {
    return by(token, method, path, body, headers);
  }

  /** The same with another token. */
  public HttpResponse<String> by(
      String otherToken, String method, String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(internal(path))
            .header("Authorization", "Bearer " + otherToken)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request);
  }

  public HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException("request failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("request was interrupted", e);
    }
  }

  /** The JSON of an answer that must have this status; an empty object for an empty one. */
  public static JsonNode answered(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return answer.body().isEmpty()
        ? Json.MAPPER.createObjectNode()
        : Json.MAPPER.readTree(answer.body());
  }

  public static String basic(String credentials) {
    return "Basic "
        + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    context.close();
    http.close();
  }
}
