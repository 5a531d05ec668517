package io.tributary.demo;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Tributary as a source system and a marketer see it: two HTTP addresses. */
public final class Api {
  /** For bodies and answers. */
  public static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final String collector;
  private final String api;
  private final String writeKey;
  private final String token;

  /** Talks to the two addresses with a write key and a token. */
  public Api(String collector, String api, String writeKey, String token) {
    this.collector = collector;
    this.api = api;
    this.writeKey = writeKey;
    this.token = token;
  }

  /** Posts a batch and returns the position token of the answer. */
  public String collect(List<ObjectNode> events) throws IOException, InterruptedException {
    ArrayNode batch = MAPPER.createArrayNode();
    events.forEach(batch::add);
    ObjectNode body = MAPPER.createObjectNode();
    body.set("batch", batch);
    String key =
        Base64.getEncoder().encodeToString((writeKey + ":").getBytes(StandardCharsets.UTF_8));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(collector + "/v1/batch"))
            .timeout(Duration.ofSeconds(10))
            .header("Authorization", "Basic " + key)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new DemoFailure("the collector answered " + answer.statusCode() + ": " + answer.body());
    }
    return answer
        .headers()
        .firstValue("X-Tributary-Position")
        .orElseThrow(() -> new DemoFailure("the collector's answer has no X-Tributary-Position"));
  }

  /** Reads. */
  public JsonNode get(String path) throws IOException, InterruptedException {
    return send("GET", path, "");
  }

  /** Creates or acts with a body. */
  public JsonNode post(String path, ObjectNode body) throws IOException, InterruptedException {
    return send("POST", path, body.toString());
  }

  /** Acts without a body. */
  public JsonNode post(String path) throws IOException, InterruptedException {
    return send("POST", path, "");
  }

  /** Waits until everything up to each token is visible in what {@code path} reads. */
  public void await(String path, List<String> tokens) throws IOException, InterruptedException {
    for (String position : tokens) {
      String separator = path.contains("?") ? "&" : "?";
      String query = path + separator + "position=" + encode(position) + "&wait=10";
      HttpResponse<String> answer = answer("GET", query, "");
      for (int again = 0; answer.statusCode() == 409 && again < 30; again++) {
        answer = answer("GET", query, "");
      }
      if (answer.statusCode() != 200) {
        throw new DemoFailure(path + " answered " + answer.statusCode() + ": " + answer.body());
      }
    }
  }

  /** Gives every item of a paged list to {@code each}. */
  public void pages(String path, Consumer<JsonNode> each) throws IOException, InterruptedException {
    String cursor = "";
    do {
      String separator = path.contains("?") ? "&" : "?";
      JsonNode page =
          get(
              path
                  + separator
                  + "limit=200"
                  + (cursor.isEmpty() ? "" : "&cursor=" + encode(cursor)));
      page.path("data").forEach(each);
      cursor = page.path("nextCursor").asString("");
    } while (!cursor.isEmpty());
  }

  private JsonNode send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = answer(method, path, body);
    if (answer.statusCode() / 100 != 2) {
      throw new DemoFailure(
          method + " " + path + " answered " + answer.statusCode() + ": " + answer.body());
    }
    return MAPPER.readTree(answer.body().isEmpty() ? "null" : answer.body());
  }

  /** The answer whatever its status. */
  public HttpResponse<String> answer(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(api + path))
            .timeout(Duration.ofSeconds(30))
            .header("Authorization", "Bearer " + token);
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    request.method(
        method,
        body.isEmpty()
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(body));
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** For query parameters. */
  public static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** Cuts a list into parts of at most {@code size}. */
  public static <T> List<List<T>> parts(List<T> all, int size) {
    List<List<T>> parts = new ArrayList<>();
    for (int from = 0; from < all.size(); from += size) {
      parts.add(all.subList(from, Math.min(all.size(), from + size)));
    }
    return parts;
  }
}
