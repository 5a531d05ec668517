package io.tributary.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.access.Secrets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.SmartLifecycle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class GatewayTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Map<String, StubService> SERVICES = new LinkedHashMap<>();
  private static final String METRICS_TOKEN = Secrets.token();
  private static ServletWebServerApplicationContext gateway;

  @BeforeAll
  static void start() {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--TRIBUTARY_GATEWAY_PORT=0",
                "--tributary.gateway.read-timeout=3s",
                "--TRIBUTARY_METRICS_TOKEN=" + METRICS_TOKEN));
    for (String name : List.of("ingestion", "identity", "profile", "segment", "campaign")) {
      StubService service = new StubService(name, 0);
      SERVICES.put(name, service);
      arguments.add("--tributary.gateway." + name + "=" + service.address());
    }
    gateway =
        (ServletWebServerApplicationContext)
            GatewayApplication.application()
                .initializers(context ->
                    context.getBeanFactory().registerSingleton("firstAsker", new First(context)))
                .run(arguments.toArray(String[]::new));
  }

  /** Somebody who asks as soon as the port is open, before the start is over. */
  private static final class First implements SmartLifecycle {
    private static int status;
    private final ApplicationContext context;

    First(ApplicationContext context) {
      this.context = context;
    }

    @Override
    public void start() {
      int port =
          Objects.requireNonNull(((ServletWebServerApplicationContext) context).getWebServer())
              .getPort();
      try {
        status =
            HTTP.send(
                    HttpRequest.newBuilder(
                            URI.create("http://localhost:" + port + "/api/v1/segments"))
                        .build(),
                    HttpResponse.BodyHandlers.discarding())
                .statusCode();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public int getPhase() {
      return WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE + 1;
    }

    @Override
    public void stop() {}

    @Override
    public boolean isRunning() {
      return status != 0;
    }
  }

  @Test
  void anAnswerThatHasBegunMayTakeItsTimeAndOneThatDoesNotBeginMayNot() throws Exception {
    assertThat(get("/api/v1/profiles/slowly").body()).isEqualTo("xxxxxxxx");
    assertThat(get("/api/v1/profiles/never").statusCode()).isEqualTo(503);
  }

  @Test
  void theVeryFirstRequestIsAnswered() {
    assertThat(First.status).isEqualTo(200);
  }

  @AfterAll
  static void stop() {
    gateway.close();
    SERVICES.values().forEach(StubService::close);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1/workspaces, ingestion",
    "/api/v1/sources, ingestion",
    "/api/v1/sources/src_1/write-keys, ingestion",
    "/api/v1/tokens, ingestion",
    "/api/v1/quarantine/qrn_1, ingestion",
    "/api/v1/imports, ingestion",
    "/api/v1/merges/mrg_1/split, identity",
    "/api/v1/identity/rules, identity",
    "/api/v1/profiles/prf_1/merges, identity",
    "/api/v1/profiles/prf_1/split, identity",
    "/api/v1/profiles/prf_1/segments, segment",
    "/api/v1/profiles/prf_1, profile",
    "/api/v1/profiles/prf_1/events, profile",
    "/api/v1/profiles?identifier=email%3Aa%2Bb%40example.com, profile",
    "/api/v1/privacy-requests, profile",
    "/api/v1/events, profile",
    "/api/v1/status, profile",
    "/api/v1/segments/seg_1/members, segment",
    "/api/v1/campaigns, campaign",
    "/api/v1/deliveries/dlv_1, campaign",
    "/api/v1/suppressions, campaign",
    "/e/u/abc, campaign",
  })
  void eachAddressLeadsToItsService(String path, String service) throws Exception {
    HttpResponse<String> answer = get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"service\":\"" + service + "\"}");
    assertThat(stub(service).last().uri()).isEqualTo(path);
  }

  @Test
  void addressOfNobodyIsAProblem() throws Exception {
    HttpResponse<String> answer = get("/api/v1/nothing");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(JSON.readTree(answer.body()).at("/code").asString()).isEqualTo("not_found");
    assertThat(get("/actuator/prometheus").statusCode()).isEqualTo(404);
    assertThat(get("/actuator/health").statusCode()).isEqualTo(404);
    assertThat(get("/v3/api-docs").statusCode()).isEqualTo(404);
  }

  @Test
  void requestGoesThroughWholeAndForwardedHeadersCannotBeForged() throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            request("/api/v1/segments")
                .header("Authorization", "Bearer trb_x")
                .header("If-Match", "\"3\"")
                .header("X-Forwarded-For", "6.6.6.6")
                .header("Forwarded", "for=6.6.6.6")
                .header("X-Request-Id", "my-request-1")
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"größe\":1}"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    StubService.Asked asked = stub("segment").last();
    assertThat(asked.method()).isEqualTo("PUT");
    assertThat(asked.body()).isEqualTo("{\"größe\":1}");
    assertThat(asked.header("Authorization")).isEqualTo("Bearer trb_x");
    assertThat(asked.header("If-match")).isEqualTo("\"3\"");
    assertThat(asked.header("X-forwarded-for")).isEqualTo("127.0.0.1");
    assertThat(asked.header("X-forwarded-proto")).isEqualTo("http");
    assertThat(asked.header("X-forwarded-host")).isEqualTo("localhost:" + port());
    assertThat(asked.header("Forwarded")).doesNotContain("6.6.6.6");
    assertThat(asked.header("X-request-id")).isEqualTo("my-request-1");
    assertThat(answer.headers().allValues("X-Request-Id")).containsExactly("my-request-1");
    assertThat(answer.headers().allValues("Cache-Control")).containsExactly("no-store");
    assertThat(answer.headers().firstValue("ETag")).contains("\"7\"");
    assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
  }

  @Test
  void formOfOneClickUnsubscribeGoesThrough() throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            request("/e/u/token?a=1")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "List-Unsubscribe=One-Click&a=2&x=%C3%BC+y"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(stub("campaign").last().body())
        .isEqualTo("List-Unsubscribe=One-Click&a=2&x=%C3%BC+y");
    assertThat(stub("campaign").last().uri()).isEqualTo("/e/u/token?a=1");
  }

  @Test
  void answerOfAServiceIsNotTouchedWhenItRefuses() throws Exception {
    assertThat(get("/api/v1/segments/missing").statusCode()).isEqualTo(404);
    assertThat(get("/api/v1/segments/missing").body()).contains("segment");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/segments/../../../actuator/prometheus",
        "/api/v1/segments/%2e%2e/%2e%2e/v3/api-docs",
        "/api/v1/segments/..%2f..%2fv3",
        "/api/v1/segments/;x=1/a",
        "/api/v1//segments",
        "/api/v1/segments/%00",
      })
  void trickyPathNeverReachesAService(String path) throws Exception {
    String answer = raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 4");
    assertThat(answer).doesNotContain("\"service\"");
  }

  @Test
  void oversizedBodyIsRefusedWithAndWithoutALength() throws Exception {
    byte[] large = new byte[1_100_000];
    HttpResponse<String> known =
        HTTP.send(
            request("/api/v1/segments").POST(HttpRequest.BodyPublishers.ofByteArray(large)).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(known.statusCode()).isEqualTo(413);
    HttpResponse<String> chunked =
        HTTP.send(
            request("/api/v1/segments")
                .POST(
                    HttpRequest.BodyPublishers.ofInputStream(
                        () -> new java.io.ByteArrayInputStream(large)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(chunked.statusCode()).isEqualTo(413);
    assertThat(chunked.body()).contains("body_too_large");
  }

  @Test
  void whoSendsFarTooMuchStillReadsTheRefusal() throws Exception {
    String head =
        "POST /api/v1/segments HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5000000";
    assertThat(raw(head + "\r\n\r\n" + " ".repeat(5_000_000)))
        .startsWith("HTTP/1.1 413")
        .contains("body_too_large");
  }

  @ParameterizedTest
  @ValueSource(strings = {"?limit=%ff", "?limit=%zz", "?limit=[]", "/%ff", "/{id}"})
  void addressThatCannotBeReadIsAProblem(String rest) throws Exception {
    String answer =
        raw("GET /api/v1/segments" + rest + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 400").contains("application/problem+json");
    assertThat(raw("GET /e/c/x" + rest + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 400");
  }

  @Test
  void serviceThatIsAwayIsAProblemWithRetryAfterAndComesBack() throws Exception {
    StubService segment = stub("segment");
    int port = segment.address().getPort();
    segment.close();
    try {
      HttpResponse<String> answer = get("/api/v1/segments");
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
      assertThat(answer.headers().firstValue("Retry-After")).contains("2");
      assertThat(answer.body()).contains("segment service").doesNotContain("Connect");
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(get("/health").statusCode()).isEqualTo(503));
      assertThat(JSON.readTree(get("/health").body()).at("/services/segment").asString())
          .isEqualTo("DOWN");
    } finally {
      SERVICES.put("segment", new StubService("segment", port));
    }
    assertThat(get("/api/v1/segments").statusCode()).isEqualTo(200);
  }

  @Test
  void healthIsUpOnlyWhenAllServicesAreReady() {
    await("/health", 200);
    stub("profile").health = 503;
    try {
      await("/health", 503);
    } finally {
      stub("profile").health = 200;
    }
    await("/health", 200);
  }

  @Test
  void metricsAreAtAPortOfTheirOwnForWhoHasTheToken() throws Exception {
    assertThat(own("/actuator/health", "").statusCode()).isEqualTo(200);
    assertThat(own("/actuator/health", "").body()).contains("UP").doesNotContain("components");
    HttpResponse<String> refused = own("/actuator/prometheus", "");
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue("WWW-Authenticate")).isPresent();
    assertThat(refused.body()).contains("token_required");
    assertThat(own("/actuator/prometheus", Secrets.token()).body()).contains("token_unknown");
    assertThat(own("/actuator/prometheus", METRICS_TOKEN).statusCode()).isEqualTo(200);
    for (String path : List.of("/actuator", "/actuator/env", "/api/v1/segments", "/health", "/")) {
      assertThat(own(path, "").statusCode()).as(path).isEqualTo(401);
      assertThat(own(path, METRICS_TOKEN).statusCode()).as(path).isEqualTo(404);
    }
  }

  @Test
  void requestsAreCountedByRouteAndStatusAndNotByPath() throws Exception {
    String answered = series("segment", 200, "answered");
    String refused = series("segment", 404, "refused");
    String nowhere = series("none", 404, "refused");
    double answeredBefore = metric(answered);
    double refusedBefore = metric(refused);
    double nowhereBefore = metric(nowhere);
    get("/api/v1/segments/seg_madeUp1");
    get("/api/v1/segments/seg_madeUp2/members");
    get("/api/v1/segments/missing");
    get("/madeUp3");
    get("/health");
    // A request is counted a moment after its answer has arrived.
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> {
          assertThat(metric(answered)).isEqualTo(answeredBefore + 2);
          assertThat(metric(refused)).isEqualTo(refusedBefore + 1);
          assertThat(metric(nowhere)).isEqualTo(nowhereBefore + 1);
        });
    assertThat(own("/actuator/prometheus", METRICS_TOKEN).body()).doesNotContain("madeUp");
  }

  @Test
  void requestsThatFailAreCountedAndTheirSeriesIsThereBefore() throws Exception {
    String unavailable = series("profile-identity", 503, "failed");
    assertThat(own("/actuator/prometheus", METRICS_TOKEN).body()).contains(unavailable + " 0");
    StubService identity = stub("identity");
    int port = identity.address().getPort();
    identity.close();
    try {
      assertThat(get("/api/v1/profiles/prf_1/merges").statusCode()).isEqualTo(503);
    } finally {
      SERVICES.put("identity", new StubService("identity", port));
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(metric(unavailable)).isEqualTo(1));
  }

  @Test
  void documentIsMergedInAFixedOrderAndHasOnlyWhatCanBeReached() throws Exception {
    SERVICES.values().forEach(service -> service.document = "{\"openapi\":\"3.1.0\"}");
    stub("segment").document =
        """
        {"paths":{"/api/v1/segments":{"get":{"tags":["segment"],
           "responses":{"200":{"content":{"a":{"schema":{"$ref":"#/components/schemas/Made"}}}}}}},
          "/api/v1/campaigns":{"get":{"tags":["stray"]}},"/inner":{"get":{"tags":["inner"]}}},
         "components":{"schemas":{"Made":{"type":"object"},"Problem":{"type":"string"}}}}
        """;
    stub("campaign").document =
        """
        {"paths":{"/api/v1/campaigns":{"get":{"tags":["campaign"],
           "responses":{"200":{"content":{"a":{"schema":{"$ref":"#/components/schemas/Made"}}}}}}}},
         "components":{"schemas":{"Problem":{"type":"string"},"Made":{"type":"array"}}}}
        """;
    HttpResponse<String> answer = get("/api/v1/openapi.json");
    assertThat(answer.statusCode()).isEqualTo(200);
    JsonNode document = JSON.readTree(answer.body());
    assertThat(document.at("/openapi").asString()).isEqualTo("3.1.0");
    assertThat(document.at("/paths").propertyNames())
        .containsExactly("/api/v1/campaigns", "/api/v1/segments");
    assertThat(document.at("/components/schemas").propertyNames())
        .containsExactly("Made", "Problem", "SegmentMade");
    assertThat(document.at("/paths/~1api~1v1~1segments").toString())
        .contains("#/components/schemas/SegmentMade");
    assertThat(document.at("/paths/~1api~1v1~1campaigns").toString())
        .contains("#/components/schemas/Made");
    assertThat(document.at("/tags").findValuesAsString("name"))
        .containsExactly("campaign", "segment");
    assertThat(get("/api/v1/openapi.json").body()).isEqualTo(answer.body());
  }

  private static StubService stub(String name) {
    return Objects.requireNonNull(SERVICES.get(name));
  }

  private static int port() {
    return Objects.requireNonNull(gateway.getWebServer()).getPort();
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://localhost:" + port() + path))
        .timeout(Duration.ofSeconds(20));
  }

  /** The answer of the gateway's own port. */
  private static HttpResponse<String> own(String path, String token) throws Exception {
    String port = gateway.getEnvironment().getRequiredProperty("local.management.port");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
            .timeout(Duration.ofSeconds(20));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String series(String route, int status, String outcome) {
    return "tributary_gateway_requests_seconds_count{outcome=\"%s\",route=\"%s\",service=\"gateway\",status=\"%d\"}"
        .formatted(outcome, route, status);
  }

  /** The value of a series; 0 as long as there is none. */
  private static double metric(String series) throws Exception {
    return own("/actuator/prometheus", METRICS_TOKEN)
        .body()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return HTTP.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static void await(String path, int status) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(get(path).statusCode()).isEqualTo(status));
  }

  /** As no client library would send it. */
  private static String raw(String request) throws IOException {
    try (Socket socket = new Socket("localhost", port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
