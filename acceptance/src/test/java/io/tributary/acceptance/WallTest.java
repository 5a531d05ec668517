package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.demo.Api;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Walks every endpoint of the served OpenAPI document: without a token, without scopes, and with
 * another workspace's token. Late, since it leaves an entry in the first workspace's quarantine.
 */
@Order(Integer.MAX_VALUE - 1)
@ParameterizedClass
@EnumSource(Shape.class)
class WallTest {
  private static final String MARK = "WallTestSecret";
  private static final String MESSAGE = "wall-test-message";
  private static final String SEGMENT =
      """
      {"name": "WallTestSecret", "condition": {"type": "trait", "trait": "note", "operator": "exists"}}
      """;
  private static final String CAMPAIGN =
      """
      {"name": "WallTestSecret", "trigger": {"type": "event", "event": "Wall Touched"},
       "channel": {"type": "email", "from": "a@wall.example", "subject": "s", "html": "<p>h</p>", "text": "t"}}
      """;
  private static final String PLAN =
      """
      {"name": "WallTestSecret", "events": [{"event": "WallTestSecret"}]}
      """;
  private static final String PROVIDER =
      """
      {"definition": {"provider": "own-wall", "title": "WallTestSecret", "needs": {"secret": "there"},
        "verification": {"type": "hmac", "hash": "sha256", "signed": "{body}", "encoding": "hex",
          "signature": {"in": "header:signature"}},
        "mapping": {"body": {"type": "json"}, "type": ["/type"], "id": ["/id"]}}}
      """;
  private static final String DESTINATION =
      """
      {"name": "WallTestSecret", "kind": "webhook", "url": "https://wall.example/hook",
       "sends": ["events"], "filter": {"events": ["Never"]}}
      """;
  private static final String DATABASE = "{\"name\": \"Wall DB\", \"kind\": \"database\"}";
  private static final String PULL =
      """
      {"name": "WallTestSecret", "source": "src_1", "enabled": false, "query": "select 1 as n", "cursor": "n",
       "postgres": {"host": "db.example.com", "database": "d", "user": "u", "password": "WallTestSecret"}}
      """;
  private static final String IMPORT =
      """
      {"name": "WallTestSecret", "source": "src_1", "format": {"type": "ndjson"}}
      """;
  private static final String SOURCE = "{\"name\": \"WallTestSecret\", \"kind\": \"server\"}";
  private final Running product;
  private final Api api;

  WallTest(Shape shape) {
    product = shape.product();
    api = product.api();
  }

  private record Operation(String method, String path) {}

  @Test
  void everyEndpointRefusesACallerWithoutATokenOrWithoutItsScope() throws Exception {
    Api nobody =
        new Api(
            product.collectorUrl(), product.apiUrl(), product.writeKey(), "trb_" + "x".repeat(40));
    String bare = token("status:read").path("secret").asString();
    Api scopeless = new Api(product.collectorUrl(), product.apiUrl(), product.writeKey(), bare);
    List<String> open = new ArrayList<>();
    for (Operation operation : operations()) {
      int status = unlessToldToWait(nobody, operation);
      if (status != 401) {
        open.add(operation + " without a valid token answered " + status);
      }
      if (!operation.path().startsWith("/api/v1/status")) {
        int scoped =
            scopeless
                .answer(operation.method(), filled(operation, Map.of()), body(operation))
                .statusCode();
        if (scoped != 403) {
          open.add(operation + " without the scope answered " + scoped);
        }
      }
    }
    assertThat(open).isEmpty();
  }

  /** A service has more endpoints than anybody may try with bad tokens in a minute. */
  private int unlessToldToWait(Api nobody, Operation operation) {
    return await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofSeconds(2))
        .atMost(Duration.ofSeconds(90))
        .until(
            () ->
                nobody
                    .answer(operation.method(), filled(operation, Map.of()), body(operation))
                    .statusCode(),
            status -> status != 429);
  }

  @Test
  void noEndpointShowsOrChangesAnotherWorkspacesRows() throws Exception {
    Map<String, String> own = things();
    JsonNode other =
        api.post("/api/v1/workspaces", Api.MAPPER.createObjectNode().put("name", "Other"));
    String foreign = other.at("/token/secret").asString(other.path("apiToken").asString(""));
    assertThat(foreign).startsWith("trb_");
    Api stranger = new Api(product.collectorUrl(), product.apiUrl(), product.writeKey(), foreign);
    List<String> leaks = new ArrayList<>();
    for (Operation operation : operations()) {
      HttpResponse<String> answer = trespass(foreign, operation, own);
      if (answer.statusCode() >= 500) {
        leaks.add(operation + " answered " + answer.statusCode());
      }
      if (answer.body().contains(MARK)) {
        leaks.add(operation + " shows another workspace's row");
      }
      boolean named = operation.path().contains("{") && !operation.path().contains("{messageId}");
      boolean hidden =
          answer.statusCode() == 404
              || (operation.method().equals("POST") && answer.statusCode() / 100 == 4);
      if (named && !hidden) {
        leaks.add(operation + " answered " + answer.statusCode() + " for another workspace's id");
      }
    }
    assertThat(leaks).isEmpty();
    String watching =
        "{\"name\": \"s\", \"condition\": {\"type\": \"segment\", \"member\": true, \"segmentId\": \""
            + own.get("segments")
            + "\"}}";
    assertThat(stranger.answer("POST", "/api/v1/segments", watching).statusCode())
        .as("a condition on another workspace's segment")
        .isEqualTo(400);
    assertThat(api.get("/api/v1/segments/" + own.get("segments")).path("name").asString())
        .contains(MARK);
    assertThat(api.get("/api/v1/campaigns/" + own.get("campaigns")).path("name").asString())
        .contains(MARK);
  }

  /** One thing of each kind in the first workspace, by the path segment that names its kind. */
  private Map<String, String> things() throws Exception {
    Map<String, String> ids = new TreeMap<>();
    ObjectNode identify =
        Api.MAPPER
            .createObjectNode()
            .put("type", "identify")
            .put("userId", MARK)
            .put("messageId", MARK);
    identify.putObject("traits").put("email", "wall@wall.example").put("note", MARK);
    api.await("/api/v1/profiles?limit=1", List.of(api.collect(List.of(identify))));
    ids.put("profiles", Profiles.find(api, "userId:" + MARK));
    ids.put("events", MESSAGE);
    ids.put("segments", create("/api/v1/segments", SEGMENT));
    ids.put("campaigns", create("/api/v1/campaigns", CAMPAIGN));
    ids.put("deliveries", delivery(ids.get("campaigns")));
    ids.put("sources", create("/api/v1/sources", SOURCE));
    ids.put(
        "imports",
        create("/api/v1/imports", IMPORT.replace("src_1", String.valueOf(ids.get("sources")))));
    ids.put("parts", "1");
    ids.put("destinations", create("/api/v1/destinations", DESTINATION));
    ids.put(
        "pulls",
        create("/api/v1/pulls", PULL.replace("src_1", create("/api/v1/sources", DATABASE))));
    ids.put("tracking-plans", create("/api/v1/tracking-plans", PLAN));
    ids.put("versions", "1");
    ids.put(
        "write-keys",
        api.get("/api/v1/sources/" + ids.get("sources")).at("/writeKeys/0/id").asString("unknown"));
    ids.put("tokens", token("status:read").at("/token/id").asString("unknown"));
    ids.put("quarantine", quarantined());
    ids.put(
        "suppressions",
        create(
            "/api/v1/suppressions",
            "{\"channel\": \"email\", \"address\": \"walltestsecret@wall.example\", \"reason\": \"test\"}"));
    api.post("/api/v1/webhook-providers", (ObjectNode) Api.MAPPER.readTree(PROVIDER));
    ids.put("webhook-providers", "own-wall");
    ids.put(
        "privacy-requests",
        create(
            "/api/v1/privacy-requests",
            "{\"kind\": \"export\", \"identifier\": {\"type\": \"userId\", \"value\": \"WallTestSecret\"}}"));
    return ids;
  }

  private String create(String path, String json) throws Exception {
    return api.post(path, (ObjectNode) Api.MAPPER.readTree(json)).path("id").asString();
  }

  private List<Operation> operations() throws Exception {
    List<Operation> operations = new ArrayList<>();
    JsonNode paths = product.description().path("paths");
    paths.properties().stream()
        .filter(
            path -> path.getKey().startsWith("/api/v1/") && !path.getKey().endsWith("openapi.json"))
        .forEach(path ->
            path.getValue().properties().stream()
                .map(Map.Entry::getKey)
                .filter(method -> List.of("get", "post", "put", "patch", "delete").contains(method))
                .forEach(method ->
                    operations.add(
                        new Operation(method.toUpperCase(java.util.Locale.ROOT), path.getKey()))));
    assertThat(operations).hasSizeGreaterThan(30);
    return operations;
  }

  /** Puts the id of the right kind into each variable of the path. */
  private static String filled(Operation operation, Map<String, String> ids) {
    String[] parts = operation.path().split("/");
    for (int i = 0; i < parts.length; i++) {
      if (parts[i].startsWith("{")) {
        parts[i] = ids.getOrDefault(parts[i - 1], "unknown-id");
      }
    }
    return String.join("/", parts);
  }

  private static String body(Operation operation) {
    return operation.method().equals("GET") || operation.method().equals("DELETE") ? "" : "{}";
  }

  private JsonNode token(String scope) throws Exception {
    ObjectNode body = Api.MAPPER.createObjectNode().put("name", "wall test");
    body.putArray("scopes").add(scope);
    return api.post("/api/v1/tokens", body);
  }

  /** As the owner could do it: with a version that fits, and a body that nothing is wrong with. */
  private HttpResponse<String> trespass(String token, Operation operation, Map<String, String> own)
      throws Exception {
    String body = body(operation);
    if (operation.method().equals("PUT") || operation.method().equals("PATCH")) {
      body = operation.path().contains("/segments/") ? SEGMENT : CAMPAIGN;
      body = operation.path().contains("/tracking-plans/") ? PLAN : body;
      body = operation.path().contains("/imports/") ? IMPORT : body;
      body = operation.path().contains("/destinations/") ? DESTINATION : body;
      body = operation.path().contains("/pulls/") ? PULL : body;
      body = operation.path().contains("/webhook-providers/") ? PROVIDER : body;
      body = operation.path().contains("/sources/") ? "{\"name\": \"Taken over\"}" : body;
      body = operation.path().endsWith("/transformation") ? "{\"steps\": []}" : body;
    }
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(product.apiUrl() + filled(operation, own)))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .header("If-Match", "\"1\"")
            .method(operation.method(), HttpRequest.BodyPublishers.ofString(body))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  /** A message that the first workspace sent. */
  private String delivery(String campaign) throws Exception {
    api.post("/api/v1/campaigns/" + campaign + "/start");
    ObjectNode event =
        Api.MAPPER
            .createObjectNode()
            .put("type", "track")
            .put("userId", MARK)
            .put("messageId", MESSAGE)
            .put("event", "Wall Touched");
    String path = "/api/v1/campaigns/" + campaign + "/deliveries";
    api.collect(List.of(event));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !api.get(path).at("/data/0/id").asString("").isEmpty());
    return api.get(path).at("/data/0/id").asString();
  }

  private String quarantined() throws Exception {
    ObjectNode nameless = Api.MAPPER.createObjectNode().put("type", "track").put("userId", MARK);
    ObjectNode fine = Api.MAPPER.createObjectNode().put("type", "page").put("userId", MARK);
    api.collect(List.of(nameless, fine));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !api.get("/api/v1/quarantine").at("/data/0/id").asString("").isEmpty());
    return api.get("/api/v1/quarantine").at("/data/0/id").asString();
  }
}
