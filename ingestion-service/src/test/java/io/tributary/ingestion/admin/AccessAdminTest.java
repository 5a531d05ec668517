package io.tributary.ingestion.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.access.AccessConfiguration;
import io.tributary.access.Secrets;
import io.tributary.access.WriteKey;
import io.tributary.access.WriteKeys;
import io.tributary.ingestion.webhook.CollectorAddress;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestPostgres;
import io.tributary.web.OpenApiConfiguration;
import io.tributary.web.WebConfiguration;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

class AccessAdminTest {
  private static final String TOKEN = Secrets.token();
  private static final String WRITE_KEY = Secrets.writeKey();
  private static TestDatabase database;
  private static ServletWebServerApplicationContext service;
  private static Api admin;

  @SpringBootConfiguration(proxyBeanMethods = false)
  @EnableAutoConfiguration(exclude = {KafkaAutoConfiguration.class, FlywayAutoConfiguration.class})
  @Import({
    WebConfiguration.class,
    OpenApiConfiguration.class,
    AccessConfiguration.class,
    AccessAdminConfiguration.class
  })
  static class TestService {
    @Bean
    Clock clock() {
      return Clock.systemUTC();
    }

    @Bean
    CollectorAddress collectorAddress() {
      return new CollectorAddress(() -> "https://events.example.org");
    }
  }

  @BeforeAll
  static void start() {
    database = TestPostgres.freshDatabase();
    service = start(TOKEN, WRITE_KEY);
    admin = new Api(port(service), TOKEN);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static int metrics(int port, String token) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/prometheus"))
            .header("Authorization", "Bearer " + token)
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  private static int port(ServletWebServerApplicationContext context) {
    return Objects.requireNonNull(context.getWebServer()).getPort();
  }

  private static ServletWebServerApplicationContext start(String token, String writeKey) {
    return start(token, writeKey, "");
  }

  private static ServletWebServerApplicationContext start(
      String token, String writeKey, String metricsToken) {
    return (ServletWebServerApplicationContext)
        new SpringApplicationBuilder(TestService.class)
            .properties(
                "spring.config.import=classpath:web-defaults.yml",
                "server.port=0",
                "spring.datasource.url=" + database.url(),
                "spring.datasource.username=" + database.user(),
                "spring.datasource.password=" + database.password(),
                "spring.datasource.hikari.maximum-pool-size=12",
                "tributary.bootstrap.api-token=" + token,
                "TRIBUTARY_ENCRYPTION_KEY=a key for tests, and for nothing else",
                "tributary.bootstrap.write-key=" + writeKey,
                "tributary.bootstrap.metrics-token=" + metricsToken)
            .run();
  }

  @Test
  void firstStartMakesOneWorkspaceWithServerSourceAndInternalSource() {
    List<WriteKey> found = List.of(service.getBean(WriteKeys.class).find(WRITE_KEY).orElseThrow());
    assertThat(found.getFirst().kind()).isEqualTo("server");
    assertThat(internalKeys(found.getFirst().workspaceId())).isEqualTo(1);
  }

  @Test
  void laterStartChangesNothingButAReplacedTokenEndsTheOneBefore() {
    long sources = count("source");
    String another = Secrets.token();
    TestDatabase kept = database;
    database = TestPostgres.freshDatabase();
    try {
      start(TOKEN, WRITE_KEY).close();
      long before = count("source");
      try (var _ = start(TOKEN, WRITE_KEY)) {
        assertThat(count("source")).isEqualTo(before);
        assertThat(count("api_token")).isEqualTo(1);
      }
      try (var replaced = start(another, WRITE_KEY)) {
        int port = port(replaced);
        assertThat(new Api(port, another).get("/api/v1/sources").status()).isEqualTo(200);
        Api.Answer old = new Api(port, TOKEN).get("/api/v1/sources");
        assertThat(old.status()).isEqualTo(401);
        assertThat(old.text("/code")).isEqualTo("token_revoked");
      }
    } finally {
      database = kept;
    }
    assertThat(count("source")).isGreaterThanOrEqualTo(sources);
  }

  @Test
  void tokenForMetricsOpensNothingElseAndIsReplacedByItsOwnKindOnly() throws Exception {
    String first = Secrets.token();
    String second = Secrets.token();
    TestDatabase kept = database;
    database = TestPostgres.freshDatabase();
    try {
      start(TOKEN, WRITE_KEY, first).close();
      try (var replaced = start(TOKEN, WRITE_KEY, second)) {
        Api api = new Api(port(replaced), second);
        assertThat(metrics(port(replaced), second)).isEqualTo(200);
        assertThat(metrics(port(replaced), first)).isEqualTo(401);
        assertThat(api.get("/api/v1/sources").status()).isEqualTo(403);
        assertThat(new Api(port(replaced), TOKEN).get("/api/v1/sources").status()).isEqualTo(200);
      }
    } finally {
      database = kept;
    }
  }

  @Test
  void sourceIsCreatedReadChangedUnderItsVersionAndDeleted() {
    Api.Answer made = admin.post("/api/v1/sources", "{\"name\":\"Shop\",\"kind\":\"web\"}");
    assertThat(made.status()).isEqualTo(201);
    String path = made.headers().firstValue("Location").orElseThrow();
    assertThat(path).startsWith("/api/v1/sources/src_");
    assertThat(made.body().at("/writeKeys")).hasSize(1);

    Api.Answer read = admin.get(path);
    assertThat(read.etag()).isEqualTo(made.etag());
    assertThat(admin.patch(path, "{\"enabled\":false}").status()).isEqualTo(428);

    Api.Answer off = admin.patch(path, "{\"enabled\":false}", "If-Match", read.etag());
    assertThat(off.status()).isEqualTo(200);
    assertThat(off.body().at("/enabled").asBoolean()).isFalse();
    assertThat(off.etag()).isNotEqualTo(read.etag());
    WriteKeys keys = service.getBean(WriteKeys.class);
    assertThat(keys.find(made.text("/writeKeys/0/key"))).isEmpty();

    Api.Answer stale = admin.patch(path, "{\"name\":\"Store\"}", "If-Match", read.etag());
    assertThat(stale.status()).isEqualTo(412);
    assertThat(stale.text("/code")).isEqualTo("version_mismatch");

    assertThat(admin.delete(path, "If-Match", off.etag()).status()).isEqualTo(204);
    assertThat(admin.get(path).status()).isEqualTo(404);
  }

  @Test
  void aWebhooksSecretIsStoredSealedAndNeverShownAgain() {
    String secret = "whsec_of_which_four_letters_show";
    Api.Answer made =
        admin.post(
            "/api/v1/sources",
            "{\"name\":\"Payments\",\"kind\":\"webhook\",\"webhook\":{\"provider\":\"stripe\",\"secret\":\""
                + secret
                + "\"}}");
    assertThat(made.status()).as(made.body().toString()).isEqualTo(201);
    assertThat(made.text("/webhookUrl"))
        .isEqualTo("https://events.example.org/v1/webhooks/" + made.text("/writeKeys/0/key"));
    assertThat(made.text("/webhook/provider")).isEqualTo("stripe");
    assertThat(made.text("/webhook/keyHint")).isEqualTo("…show");
    String path = "/api/v1/sources/" + made.text("/id");
    Api.Answer changed =
        admin.patch(
            path,
            "{\"webhook\":{\"secret\":\"whsec_that_comes_after_it\"}}",
            "If-Match",
            made.etag());
    assertThat(changed.text("/webhook/keyHint")).isEqualTo("…r_it");
    assertThat(changed.text("/webhook/previousKeyHint")).isEqualTo("…show");
    assertThat(changed.etag()).isNotEqualTo(made.etag());
    String seen =
        made.body().toString()
            + changed.body()
            + admin.get(path).body()
            + admin.get("/api/v1/sources?limit=200").body()
            + webhookRows();
    assertThat(seen).contains("v1.").doesNotContain(secret).doesNotContain("that_comes_after");

    Api.Answer ended =
        admin.patch(path, "{\"webhook\":{\"keepPrevious\":false}}", "If-Match", changed.etag());
    assertThat(ended.body().at("/webhook/previousKeyHint").isNull()).isTrue();
    long rows = count("webhook");
    assertThat(admin.delete(path, "If-Match", ended.etag()).status()).isEqualTo(204);
    assertThat(count("webhook")).isEqualTo(rows - 1);
  }

  private static String webhookRows() {
    return String.join(
        "\n",
        JdbcClient.create(database.dataSource())
            .sql("select w::text from access.webhook w")
            .query(String.class)
            .list());
  }

  @Test
  void aWebhookIsToldWhatItsProviderNeedsAndNothingElse() {
    String faulty =
        "{\"name\":\"W\",\"kind\":\"webhook\",\"webhook\":{\"provider\":\"%s\",\"%s\":\"%s\"}}";
    assertThat(paths(admin.post("/api/v1/sources", faulty.formatted("acme", "secret", "x"))))
        .containsExactly("webhook.provider");
    assertThat(paths(admin.post("/api/v1/sources", faulty.formatted("stripe", "secret", "short"))))
        .containsExactly("webhook.secret");
    assertThat(
            paths(
                admin.post(
                    "/api/v1/sources", faulty.formatted("sendgrid", "secret", "x".repeat(32)))))
        .containsExactly("webhook.secret");
    assertThat(
            paths(
                admin.post(
                    "/api/v1/sources", faulty.formatted("sendgrid", "publicKey", "x".repeat(32)))))
        .containsExactly("webhook.publicKey");
    assertThat(
            paths(
                admin.post(
                    "/api/v1/sources",
                    faulty.formatted("standard-webhooks", "secret", "whsec_c2hvcnQ="))))
        .containsExactly("webhook.secret");
    assertThat(paths(admin.post("/api/v1/sources", "{\"name\":\"W\",\"kind\":\"webhook\"}")))
        .containsExactly("webhook");
    assertThat(
            paths(
                admin.post(
                    "/api/v1/sources",
                    "{\"name\":\"W\",\"kind\":\"web\",\"webhook\":{\"provider\":\"stripe\"}}")))
        .containsExactly("webhook");
    Api.Answer web = admin.post("/api/v1/sources", "{\"name\":\"W\",\"kind\":\"web\"}");
    assertThat(
            paths(
                admin.patch(
                    "/api/v1/sources/" + web.text("/id"),
                    "{\"webhook\":{\"keepPrevious\":false}}",
                    "If-Match",
                    web.etag())))
        .containsExactly("webhook");
  }

  private static List<String> paths(Api.Answer answer) {
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(400);
    return answer.body().at("/errors").findValuesAsString("path");
  }

  @Test
  void providersAreListedWithWhatTheyNeedAndBecome() {
    Api.Answer list = admin.get("/api/v1/webhook-providers");
    assertThat(list.status()).isEqualTo(200);
    assertThat(list.body().at("/data")).hasSize(10);
    var stripe =
        list.body()
            .at("/data")
            .valueStream()
            .filter(provider -> provider.at("/provider").asString().equals("stripe"))
            .findFirst()
            .orElseThrow();
    assertThat(stripe.at("/needs/secret").asString()).contains("whsec_");
    assertThat(stripe.at("/events/0/type").asString()).isEqualTo("checkout.session.completed");
    assertThat(stripe.at("/events/0/becomes").asString()).isEqualTo("track Order Completed");
  }

  @Test
  void sourceNameIsTakenOnce() {
    assertThat(admin.post("/api/v1/sources", "{\"name\":\"Till\",\"kind\":\"server\"}").status())
        .isEqualTo(201);
    Api.Answer again = admin.post("/api/v1/sources", "{\"name\":\"till\",\"kind\":\"web\"}");
    assertThat(again.status()).isEqualTo(409);
    assertThat(again.text("/code")).isEqualTo("name_taken");
  }

  @Test
  void allFaultsOfASourceAreToldAtOnce() {
    Api.Answer answer =
        admin.post("/api/v1/sources", "{\"name\":\" \",\"kind\":\"fridge\",\"colour\":1,\"x\":2}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().at("/errors").findValuesAsString("path")).contains("colour", "x");

    Api.Answer typed = admin.post("/api/v1/sources", "{\"name\":\" \",\"kind\":\"fridge\"}");
    assertThat(typed.body().at("/errors").findValuesAsString("path"))
        .containsExactly("name", "kind");
  }

  @Test
  void writeKeyIsRotatedWithTwoAtATime() {
    Api.Answer made = admin.post("/api/v1/sources", "{\"name\":\"App\",\"kind\":\"mobile\"}");
    String path = "/api/v1/sources/" + made.text("/id");
    Api.Answer second = admin.post(path + "/write-keys", "");
    assertThat(second.status()).isEqualTo(201);
    assertThat(admin.post(path + "/write-keys", "").text("/code")).isEqualTo("too_many_write_keys");

    WriteKeys keys = service.getBean(WriteKeys.class);
    assertThat(keys.find(second.text("/key"))).isPresent();
    assertThat(admin.delete(path + "/write-keys/" + made.text("/writeKeys/0/id")).status())
        .isEqualTo(204);
    assertThat(keys.find(made.text("/writeKeys/0/key"))).isEmpty();
    assertThat(keys.find(second.text("/key"))).isPresent();
  }

  @Test
  void twoRequestsCannotBothAddTheLastWriteKey() throws Exception {
    Api.Answer made = admin.post("/api/v1/sources", "{\"name\":\"Race\",\"kind\":\"mobile\"}");
    String path = "/api/v1/sources/" + made.text("/id") + "/write-keys";
    List<Integer> statuses = together(8, () -> admin.post(path, "").status());
    assertThat(statuses).containsOnlyOnce(201).hasSize(8);
  }

  @Test
  void internalSourceCannotBeTouchedAndHidesItsKey() {
    Api.Answer list = admin.get("/api/v1/sources?limit=200");
    var internal =
        list.body()
            .at("/data")
            .valueStream()
            .filter(source -> source.at("/kind").asString().equals("tributary"))
            .findFirst()
            .orElseThrow();
    assertThat(internal.at("/writeKeys")).isEmpty();
    String path = "/api/v1/sources/" + internal.at("/id").asString();
    assertThat(admin.post(path + "/write-keys", "").text("/code")).isEqualTo("internal_source");
    assertThat(admin.delete(path, "If-Match", "*").text("/code")).isEqualTo("internal_source");
  }

  @Test
  void listIsPagedByCursor() {
    for (int i = 0; i < 5; i++) {
      admin.post("/api/v1/sources", "{\"name\":\"Page " + i + "\",\"kind\":\"web\"}");
    }
    int total = admin.get("/api/v1/sources?limit=200").body().at("/data").size();
    int seen = 0;
    String path = "/api/v1/sources?limit=2";
    while (!path.isEmpty()) {
      Api.Answer page = admin.get(path);
      seen += page.body().at("/data").size();
      String next = page.body().at("/nextCursor").asString("");
      path = next.isEmpty() ? "" : "/api/v1/sources?limit=2&cursor=" + next;
    }
    assertThat(seen).isEqualTo(total);
  }

  @Test
  void tokenShowsItsSecretOnceAndPassesOnNoMoreThanItHas() {
    Api.Answer made =
        admin.post(
            "/api/v1/tokens",
            "{\"name\":\"Robot\",\"scopes\":[\"tokens:write\",\"sources:read\"]}");
    assertThat(made.status()).isEqualTo(201);
    Api robot = new Api(admin.port(), made.text("/secret"));
    assertThat(robot.get("/api/v1/sources").status()).isEqualTo(200);
    assertThat(robot.get("/api/v1/tokens").body().toString()).doesNotContain(made.text("/secret"));

    Api.Answer refused = robot.post("/api/v1/sources", "{\"name\":\"No\",\"kind\":\"web\"}");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.text("/detail")).contains("sources:write");

    Api.Answer more = robot.post("/api/v1/tokens", "{\"name\":\"More\",\"scopes\":[\"*\"]}");
    assertThat(more.status()).isEqualTo(400);
    assertThat(more.text("/errors/0/code")).isEqualTo("scope_exceeded");
  }

  @Test
  void revokedTokenEndsWithinSeconds() {
    Api.Answer made =
        admin.post("/api/v1/tokens", "{\"name\":\"Gone\",\"scopes\":[\"sources:read\"]}");
    Api gone = new Api(admin.port(), made.text("/secret"));
    assertThat(gone.get("/api/v1/sources").status()).isEqualTo(200);
    assertThat(admin.delete("/api/v1/tokens/" + made.text("/token/id")).status()).isEqualTo(204);
    Awaitility.await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(
            () -> assertThat(gone.get("/api/v1/sources").text("/code")).isEqualTo("token_revoked"));
  }

  @Test
  void expiredTokenIsRefused() {
    Instant soon = Instant.now().plusSeconds(4);
    Api.Answer made =
        admin.post(
            "/api/v1/tokens",
            "{\"name\":\"Brief\",\"scopes\":[\"sources:read\"],\"expiresAt\":\"" + soon + "\"}");
    assertThat(made.status()).isEqualTo(201);
    Api brief = new Api(admin.port(), made.text("/secret"));
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() ->
            assertThat(brief.get("/api/v1/sources").text("/code")).isEqualTo("token_expired"));
    assertThat(
            admin
                .post(
                    "/api/v1/tokens",
                    "{\"name\":\"Past\",\"scopes\":[\"*\"],\"expiresAt\":\"2020-01-01T00:00:00Z\"}")
                .text("/errors/0/path"))
        .isEqualTo("expiresAt");
  }

  @Test
  void workspacesDoNotSeeEachOther() {
    Api.Answer made = admin.post("/api/v1/workspaces", "{\"name\":\"Other\"}");
    assertThat(made.status()).isEqualTo(201);
    assertThat(internalKeys(made.text("/workspace/id"))).isEqualTo(1);
    Api other = new Api(admin.port(), made.text("/token/secret"));
    Api.Answer mine = admin.post("/api/v1/sources", "{\"name\":\"Mine\",\"kind\":\"web\"}");
    String path = "/api/v1/sources/" + mine.text("/id");

    assertThat(other.get("/api/v1/sources").body().at("/data")).hasSize(1);
    assertThat(other.get(path).status()).isEqualTo(404);
    assertThat(other.patch(path, "{\"name\":\"Hers\"}", "If-Match", "*").status()).isEqualTo(404);
    assertThat(other.delete(path, "If-Match", "*").status()).isEqualTo(404);
    assertThat(other.post(path + "/write-keys", "").status()).isEqualTo(404);
    String key = "/write-keys/" + mine.text("/writeKeys/0/id");
    assertThat(other.delete(path + key).status()).isEqualTo(404);
    String token = admin.get("/api/v1/tokens").text("/data/0/id");
    assertThat(other.delete("/api/v1/tokens/" + token).status()).isEqualTo(404);

    assertThat(other.post("/api/v1/workspaces", "{\"name\":\"Third\"}").text("/code"))
        .isEqualTo("operator_only");
    assertThat(other.get("/api/v1/workspaces").body().at("/data")).hasSize(1);
  }

  @Test
  void repeatedCreationWithOneKeyMakesOneSource() throws Exception {
    String body = "{\"name\":\"Once\",\"kind\":\"web\"}";
    List<Api.Answer> answers =
        together(8, () -> admin.post("/api/v1/sources", body, "Idempotency-Key", "once-1"));
    assertThat(answers)
        .allMatch(a -> a.status() == 201 || a.text("/code").equals("request_in_progress"));
    Api.Answer replay = admin.post("/api/v1/sources", body, "Idempotency-Key", "once-1");
    assertThat(replay.headers().firstValue("Idempotent-Replay")).contains("true");
    assertThat(replay.etag()).isNotEmpty();
    assertThat(answers)
        .filteredOn(a -> a.status() == 201)
        .allMatch(a -> a.text("/id").equals(replay.text("/id")));
    assertThat(
            admin
                .post(
                    "/api/v1/sources",
                    "{\"name\":\"Twice\",\"kind\":\"web\"}",
                    "Idempotency-Key",
                    "once-1")
                .status())
        .isEqualTo(422);
  }

  @Test
  void secretOfATokenIsNotKeptForReplays() {
    String body = "{\"name\":\"Hush\",\"scopes\":[\"sources:read\"]}";
    Api.Answer made = admin.post("/api/v1/tokens", body, "Idempotency-Key", "hush-1");
    assertThat(made.status()).isEqualTo(201);
    Api.Answer replay = admin.post("/api/v1/tokens", body, "Idempotency-Key", "hush-1");
    assertThat(replay.status()).isEqualTo(409);
    assertThat(replay.text("/code")).isEqualTo("secret_shown_once");
  }

  @Test
  void propertiesRefuseWeakSecrets() {
    assertThatThrownBy(() -> new BootstrapProperties(null, "admin", null))
        .hasMessageContaining("tributary.bootstrap.api-token");
    assertThatThrownBy(() -> new BootstrapProperties("key", null, null))
        .hasMessageContaining("tributary.bootstrap.write-key");
  }

  @Test
  void documentNamesScopesPagingAndProblems() {
    Api.Answer document = admin.get("/v3/api-docs");
    assertThat(document.text("/openapi")).startsWith("3.1");
    var list = document.body().at("/paths/~1api~1v1~1sources/get");
    assertThat(list.at("/x-scope").asString()).isEqualTo("sources:read");
    assertThat(list.at("/parameters").findValuesAsString("name"))
        .containsExactlyInAnyOrder("limit", "cursor");
    assertThat(list.at("/responses/default/$ref").asString())
        .isEqualTo("#/components/responses/Problem");
    assertThat(
            document.body().at("/components/schemas/ProblemAnswer/properties/code").isMissingNode())
        .isFalse();
    assertThat(document.body().at("/components/securitySchemes/bearer/scheme").asString())
        .isEqualTo("bearer");
    for (var path : document.body().path("paths")) {
      for (var operation : path) {
        assertThat(operation.path("parameters").findValuesAsString("name"))
            .doesNotContain("caller");
      }
    }
    assertThat(document.body().toString()).doesNotContain("tokenId").doesNotContain("\"Caller\"");
  }

  private static long internalKeys(String workspaceId) {
    return JdbcClient.create(database.dataSource())
        .sql(
            "select count(*) from access.v_write_key where workspace_id = ? and enabled and source_kind = 'tributary'")
        .param(workspaceId)
        .query(Long.class)
        .single();
  }

  private static long count(String table) {
    return JdbcClient.create(database.dataSource())
        .sql("select count(*) from access." + table)
        .query(Long.class)
        .single();
  }

  private static <T> List<T> together(int threads, Callable<T> work) throws Exception {
    CyclicBarrier gate = new CyclicBarrier(threads);
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<T>> running =
          IntStream.range(0, threads)
              .mapToObj(n ->
                  pool.submit(() -> {
                    gate.await();
                    return work.call();
                  }))
              .toList();
      List<T> results = new java.util.ArrayList<>();
      for (Future<T> one : running) {
        results.add(one.get());
      }
      return results;
    }
  }
}
