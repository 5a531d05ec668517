package io.tributary.acceptance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.demo.Api;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What nobody should send. Each refusal names its reason, no answer is a fault of the server, no
 * neighbour of a flawed event is lost, and no stage stops. The tables have \x for a raw byte in
 * hex.
 */
@ParameterizedClass
@EnumSource(Shape.class)
class HostileInputTest {
  private static final String GOOD = "{\"type\":\"track\",\"userId\":\"fine\",\"event\":\"Fine\"}";

  /** A workspace of its own in each shape: what is left in quarantine there is nobody else's. */
  private static final Map<Shape, Workspace> WORKSPACES = new EnumMap<>(Shape.class);

  private final Running product;
  private final Api api;
  private final String token;
  private final String basic;

  private record Workspace(Api api, String token, String basic) {}

  private record Answer(int status, String head, String body) {
    JsonNode json() {
      return Api.MAPPER.readTree(body);
    }
  }

  HostileInputTest(Shape shape) throws Exception {
    product = shape.product();
    Workspace workspace = WORKSPACES.get(shape);
    if (workspace == null) {
      workspace = workspace(product);
      WORKSPACES.put(shape, workspace);
    }
    api = workspace.api();
    token = workspace.token();
    basic = workspace.basic();
  }

  private static Workspace workspace(Running product) throws Exception {
    String token =
        product
            .api()
            .post("/api/v1/workspaces", Api.MAPPER.createObjectNode().put("name", "Hostile"))
            .path("token")
            .path("secret")
            .asString();
    Api made = new Api(product.collectorUrl(), product.apiUrl(), "none", token);
    ObjectNode source = Api.MAPPER.createObjectNode().put("name", "hostile").put("kind", "server");
    String id = made.post("/api/v1/sources", source).path("id").asString();
    String text = made.get("/api/v1/sources/" + id).toString();
    JsonNode keys = Api.MAPPER.readTree(text).path("writeKeys");
    String key = keys.path(0).path("writeKey").asString(keys.path(0).path("key").asString(""));
    assertThat(key).as(text).isNotBlank();
    return new Workspace(
        new Api(product.collectorUrl(), product.apiUrl(), key, token),
        token,
        "Basic " + Base64.getEncoder().encodeToString((key + ":").getBytes(UTF_8)));
  }

  @AfterEach
  void allIsWell() {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(() -> {
          JsonNode status = api.get("/api/v1/status");
          assertThat(status.path("healthy").asBoolean()).as(status.toString()).isTrue();
          assertThat(status.path("stages").size()).isPositive();
          status.path("stages").forEach(stage -> assertThat(stage.path("lag").asLong(-1)).isZero());
        });
  }

  @AfterAll
  static void logsHoldNothingPersonal() {
    WORKSPACES
        .keySet()
        .forEach(shape -> assertThat(shape.product().personalDataInLogs()).isEmpty());
  }

  @ParameterizedTest
  @CsvFileSource(resources = "/hostile/requests.csv", delimiter = '|', quoteCharacter = '`')
  void requestThatCannotBeReadIsRefusedWithItsReason(String body, int status, String code) {
    Answer answer = collect("/v1/batch", bytes(body), "");
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.json().path("code").asString()).isEqualTo(code);
    assertThat(answer.json().path("message").asString()).isNotBlank();
  }

  @Test
  void oversizeIsRefusedAndReadableByWhoSentIt() throws IOException {
    assertThat(collect("/v1/batch", new byte[5_000_000], "").status()).isEqualTo(413);
    assertThat(collect("/v1/batch", bytes("[".repeat(1_000_000)), "").status()).isEqualTo(400);
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
      for (int i = 0; i < 100; i++) {
        gzip.write(new byte[1_000_000]);
      }
    }
    String packed = "Content-Encoding: gzip\r\n";
    assertThat(collect("/v1/batch", bomb.toByteArray(), packed).status()).isEqualTo(413);
    assertThat(collect("/v1/batch", bytes("nothing packed"), packed).json().path("code").asString())
        .isEqualTo("invalid_gzip");
    Answer large = call("POST", "/api/v1/segments", new byte[5_000_000]);
    assertThat(large.status()).isEqualTo(413);
    assertThat(large.json().path("code").asString()).isEqualTo("body_too_large");
  }

  @Test
  void whatIsBeyondABatchIsKeptAndTheRestIsTaken() throws Exception {
    String events =
        IntStream.range(0, 2_501)
            .mapToObj(
                i -> "{\"type\":\"page\",\"userId\":\"many\",\"messageId\":\"many-" + i + "\"}")
            .collect(Collectors.joining(","));
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> collect("/v1/batch", bytes("{\"batch\":[" + events + "]}"), "").status() == 200);
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          assertThat(state("many-0")).isEqualTo("stored");
          assertThat(state("many-2499")).isEqualTo("stored");
          assertThat(reasons()).contains("too_many_events");
        });
  }

  /** Each in a batch of its own, and all on their way at the same time. */
  @Test
  void flawedEventCostsItselfOnly() throws Exception {
    List<String> neighbours = new ArrayList<>();
    List<String> codes = new ArrayList<>();
    for (String line : resource("events.csv").strip().split("\n")) {
      int bar = line.lastIndexOf('|');
      String event = line.substring(1, bar - 1); // without its quotes
      String before = java.util.UUID.randomUUID().toString();
      String after = java.util.UUID.randomUUID().toString();
      byte[] batch = bytes("{\"batch\":[" + good(before) + "," + event + "," + good(after) + "]}");
      Answer answer = collect("/v1/batch", batch, "");
      assertThat(answer.status()).as(line + answer.body()).isEqualTo(200);
      neighbours.addAll(List.of(before, after));
      codes.add(line.substring(bar + 1));
    }
    assertThat(codes).hasSizeGreaterThan(25);
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          assertThat(reasons()).containsAll(codes);
          for (String id : neighbours) {
            assertThat(state(id)).as(id).isEqualTo("stored");
          }
        });
  }

  @Test
  void extremeValuesPassAllStages() throws Exception {
    List<String> values =
        Api.MAPPER.readTree(resource("values.json")).valueStream().map(JsonNode::toString).toList();
    List<String> segments = new ArrayList<>();
    for (JsonNode condition : Api.MAPPER.readTree(resource("conditions.json"))) {
      ObjectNode segment =
          Api.MAPPER.createObjectNode().put("name", "Extreme \uD83D\uDE00 " + segments.size());
      segment.set("condition", condition);
      segments.add(api.post("/api/v1/segments", segment).path("id").asString());
    }
    String campaign = campaign();
    List<String> ids = new ArrayList<>();
    List<String> triggers = new ArrayList<>();
    List<String> events = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      for (String event : resource("events.txt").strip().split("\n")) {
        ids.add("extreme-" + ids.size());
        if (event.contains("\"Extreme\"")) {
          triggers.add(ids.getLast());
        }
        events.add(
            event
                .replace("$VALUE", values.get(i))
                .replace("$USER", "extreme-" + i)
                .replace("$ID", ids.getLast()));
      }
    }
    for (List<String> part : Api.parts(events, 50)) {
      byte[] batch = bytes("{\"batch\":[" + String.join(",", part) + "," + GOOD + "]}");
      assertThat(collect("/v1/batch", batch, "").status()).isEqualTo(200);
    }
    allIsWell();
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          for (String id : ids) {
            assertThat(state(id)).as(id).isIn("stored", "duplicate", "quarantined");
          }
        });
    for (String segment : segments) {
      JsonNode verified = api.post("/api/v1/segments/" + segment + "/verify");
      assertThat(verified.path("missing").asInt(-1)).as(verified.toString()).isZero();
      assertThat(verified.path("extra").asInt(-1)).as(verified.toString()).isZero();
      String base = "/api/v1/segments/" + segment;
      for (String view : List.of("/count", "/members", "/history", "/export?traits=v,d")) {
        assertThat(call("GET", base + view, new byte[0]).status()).as(view).isEqualTo(200);
      }
    }
    int stored = 0;
    for (String id : triggers) {
      stored += state(id).equals("stored") ? 1 : 0;
    }
    assertThat(stored).isGreaterThan(values.size() / 2);
    everyDeliveryEnds(campaign, stored);
  }

  @ParameterizedTest
  @CsvFileSource(resources = "/hostile/definitions.csv", delimiter = '|', quoteCharacter = '`')
  void definitionThatMakesNoSenseIsRefusedByField(String path, String body, String field) {
    Answer answer = call("POST", path, bytes(body));
    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.head()).contains("application/problem+json");
    assertThat(answer.json().path("errors").valueStream().map(e -> e.path("path").asString()))
        .as(answer.body())
        .contains(field);
    assertThat(answer.body()).doesNotContain("io.tributary", "jackson", "Exception");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "..",
        "%2e%2e",
        "%2F",
        "%00",
        "%ff",
        "%ED%A0%80",
        "%zz",
        "%F0%9F%98%80",
        "{id}",
        "a;b=c",
        "%0d%0aX:1",
        "-1",
        "99999999999999999999",
        "0",
        "100000",
        "%27--",
        "[]",
        "email:%00",
        "+999999999-12-31T00:00:00Z"
      })
  void noEndpointStumblesOverOddIdsAndParameters(String odd) throws Exception {
    List<String> faults = new CopyOnWriteArrayList<>();
    JsonNode paths = product.description().path("paths");
    for (Map.Entry<String, JsonNode> path : paths.properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        String method = operation.getKey().toUpperCase(java.util.Locale.ROOT);
        byte[] body = bytes(method.equals("GET") || method.equals("DELETE") ? "" : "{}");
        List<String> targets = new ArrayList<>();
        targets.add(
            path.getKey().replaceAll("\\{[^}]*}", java.util.regex.Matcher.quoteReplacement(odd)));
        for (JsonNode parameter : operation.getValue().path("parameters")) {
          if (parameter.path("in").asString().equals("query")) {
            String plain = path.getKey().replaceAll("\\{[^}]*}", "none");
            targets.add(plain + "?" + parameter.path("name").asString() + "=" + odd);
          }
        }
        targets.parallelStream()
            .forEach(target -> {
              Answer answer = call(method, target, body);
              boolean told =
                  answer.status() < 400 || answer.head().contains("application/problem+json");
              if (answer.status() >= 500 || !told) {
                faults.add(method + " " + target + " answered " + answer.status() + answer.body());
              }
            });
      }
    }
    assertThat(faults).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "''",
    "?data=",
    "?data=!!!",
    "?data=%00",
    "?writeKey=%ff",
    "?data=WzFd",
    "?a.b=%zz&.=&=&"
  })
  void pixelIsAlwaysAPicture(String query) {
    Answer answer = send(product.collectorUrl(), "GET", "/v1/pixel/track" + query, new byte[0], "");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.head()).contains("image/gif");
  }

  @Test
  void tokenThatIsRevokedOrExpiredEndsWithinSeconds() throws Exception {
    ObjectNode wanted = Api.MAPPER.createObjectNode().put("name", "short");
    wanted.putArray("scopes").add("segments:read");
    JsonNode revoked = api.post("/api/v1/tokens", wanted);
    JsonNode expiring =
        api.post(
            "/api/v1/tokens", wanted.put("expiresAt", Instant.now().plusSeconds(5).toString()));
    assertThat(use(revoked)).isEqualTo(200);
    api.answer("DELETE", "/api/v1/tokens/" + revoked.path("token").path("id").asString(), "");
    await().atMost(Duration.ofSeconds(15)).until(() -> use(revoked) == 401);
    await().atMost(Duration.ofSeconds(20)).until(() -> use(expiring) == 401);
  }

  private int use(JsonNode made) {
    String bearer = "Authorization: Bearer " + made.path("secret").asString() + "\r\n";
    return send(product.apiUrl(), "GET", "/api/v1/segments", new byte[0], bearer).status();
  }

  /** Mails whatever value an event has, in all the places where a template may use it. */
  private String campaign() throws Exception {
    String id =
        api.post("/api/v1/campaigns", (ObjectNode) Api.MAPPER.readTree(resource("campaign.json")))
            .path("id")
            .asString();
    api.post("/api/v1/campaigns/" + id + "/start");
    return id;
  }

  private void everyDeliveryEnds(String campaign, int count) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          List<String> states = new ArrayList<>();
          api.pages(
              "/api/v1/campaigns/" + campaign + "/deliveries",
              delivery -> states.add(delivery.path("state").asString()));
          assertThat(states).hasSize(count).doesNotContain("pending", "claimed");
        });
  }

  private static String good(String id) {
    return GOOD.replace("}", ",\"messageId\":\"" + id + "\"}");
  }

  private String state(String messageId) throws Exception {
    return api.get("/api/v1/events/" + messageId).path("state").asString();
  }

  /** The codes of all reasons in quarantine. */
  private List<String> reasons() throws Exception {
    List<String> codes = new ArrayList<>();
    api.pages(
        "/api/v1/quarantine",
        entry -> entry.path("reasons").forEach(r -> codes.add(r.path("code").asString())));
    return codes;
  }

  private static String resource(String name) throws IOException {
    try (var in = HostileInputTest.class.getResourceAsStream("/hostile/" + name)) {
      return new String(java.util.Objects.requireNonNull(in, name).readAllBytes(), UTF_8);
    }
  }

  /** The bytes of a text of the tables. */
  private static byte[] bytes(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String[] parts = text.split("\\\\x", -1);
    out.writeBytes(parts[0].getBytes(UTF_8));
    for (int i = 1; i < parts.length; i++) {
      out.write(Integer.parseInt(parts[i].substring(0, 2), 16));
      out.writeBytes(parts[i].substring(2).getBytes(UTF_8));
    }
    return out.toByteArray();
  }

  private Answer collect(String path, byte[] body, String headers) {
    String all = headers + "Authorization: " + basic + "\r\n";
    return send(product.collectorUrl(), "POST", path, body, all);
  }

  private Answer call(String method, String path, byte[] body) {
    String headers = "Authorization: Bearer " + token + "\r\nContent-Type: application/json\r\n";
    return send(product.apiUrl(), method, path, body, headers + "If-Match: \"1\"\r\n");
  }

  /** As no client library would send it. */
  private static Answer send(
      String url, String method, String target, byte[] body, String headers) {
    URI uri = URI.create(url);
    try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
      socket.setSoTimeout(30_000);
      String head =
          "%s %s HTTP/1.0\r\nHost: localhost\r\nContent-Length: %d\r\n%s\r\n"
              .formatted(method, target, body.length, headers);
      socket.getOutputStream().write(head.getBytes(ISO_8859_1));
      socket.getOutputStream().write(body);
      String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
      int end = answer.indexOf("\r\n\r\n");
      assertThat(end).as(method + " " + target + " got no answer").isPositive();
      int status = Integer.parseInt(answer.substring(9, 12));
      return new Answer(status, answer.substring(0, end), answer.substring(end + 4));
    } catch (IOException e) {
      throw new AssertionError(method + " " + target + " broke off", e);
    }
  }
}
