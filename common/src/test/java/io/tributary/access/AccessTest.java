package io.tributary.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.tributary.testing.MutableClock;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestPostgres;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

class AccessTest {
  private static final String THINGS = "/api/v1/things";
  private static ThingService service;

  @RestController
  static class OpenDoor {
    @GetMapping("/api/v1/open")
    String open() {
      return "open";
    }
  }

  @RestController
  static class OddScope {
    @GetMapping("/api/v1/odd")
    @RequiresScope("everything:please")
    String odd() {
      return "odd";
    }
  }

  @BeforeAll
  static void start() {
    service = new ThingService();
    // No schema yet: neither a yes nor a no can be said.
    ThingService.Answer early = service.get(THINGS, ThingService.READER);
    assertThat(early.status()).isEqualTo(503);
    assertThat(early.headers().firstValue("Retry-After")).isPresent();
    service.withSchemas();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void requestWithoutTokenIsAskedForOne() {
    ThingService.Answer answer = service.get(THINGS, "");
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.headers().firstValue("WWW-Authenticate").orElseThrow()).startsWith("Bearer");
    assertThat(answer.code()).isEqualTo("token_required");
    assertThat(service.get("/api/v1/none", "").status()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "trb_",
        "trb_short",
        "Basic abc",
        "trb_0000000000000000000000000000000000000000000"
      })
  void unknownTokenIsRefused(String token) {
    assertThat(service.get(THINGS, token, "X-Forwarded-For", "10.0.0.9").status()).isEqualTo(401);
  }

  @Test
  void scopeIsRequiredAndNamed() {
    assertThat(service.get(THINGS, ThingService.READER).status()).isEqualTo(200);
    ThingService.Answer answer =
        service.send("POST", THINGS, ThingService.READER, "{\"count\":1}".getBytes(UTF_8));
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.json().at("/detail").asString()).contains("segments:write");
    assertThat(service.get(THINGS, ThingService.METRICS).status()).isEqualTo(403);
  }

  @Test
  void metricsNeedTheirScopeAndHealthShowsNoDetails() {
    assertThat(service.get("/actuator/prometheus", "").status()).isEqualTo(401);
    assertThat(service.get("/actuator/prometheus", ThingService.READER).status()).isEqualTo(403);
    ThingService.Answer metrics =
        service.get("/actuator/prometheus", ThingService.METRICS, "Accept", "*/*");
    assertThat(metrics.status()).isEqualTo(200);
    assertThat(metrics.text()).contains("jvm_memory_used_bytes");
    ThingService.Answer health = service.get("/actuator/health", "");
    assertThat(health.status()).isEqualTo(200);
    assertThat(health.text()).contains("UP").doesNotContain("db").doesNotContain("diskSpace");
    for (String closed : new String[] {"", "/env", "/beans", "/heapdump", "/loggers"}) {
      assertThat(service.get("/actuator" + closed, "").status()).isEqualTo(401);
    }
    assertThat(service.get("/actuator/env", ThingService.METRICS).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//api/v1/things",
        "/api;x=1/v1/things",
        "/x/../api/v1/things",
        "/%61pi/v1/things"
      })
  void noWayOfWritingThePathLeadsAroundTheFilter(String path) throws Exception {
    try (var socket = new java.net.Socket("localhost", service.port())) {
      socket.setSoTimeout(20_000);
      socket
          .getOutputStream()
          .write(
              ("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                  .getBytes(UTF_8));
      String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 4").doesNotContain("\"data\"");
    }
  }

  @Test
  void whoGoesOnGuessingIsToldToStopButAGoodTokenPasses() throws Exception {
    // From another address than the other tests.
    try (HttpClient guesser =
        HttpClient.newBuilder().localAddress(InetAddress.getByName("127.0.0.77")).build()) {
      int status = 0;
      for (int i = 0; i < 31; i++) {
        status = ask(guesser, Secrets.token());
        assertThat(status).isEqualTo(i < 30 ? 401 : 429);
      }
      assertThat(ask(guesser, ThingService.READER)).isEqualTo(200);
    }
    assertThat(service.get(THINGS, Secrets.token()).status()).isEqualTo(401);
  }

  private static int ask(HttpClient client, String token) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.port() + THINGS))
            .header("Authorization", "Bearer " + token)
            .build();
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  @Test
  void endpointWithoutScopeKeepsTheServiceFromStarting() {
    assertThatThrownBy(() -> new ThingService(OpenDoor.class).close())
        .hasStackTraceContaining("OpenDoor#open() lies below /api and has no @RequiresScope");
    assertThatThrownBy(() -> new ThingService(OddScope.class).close())
        .hasStackTraceContaining("requires the unknown scope everything:please");
  }

  @Test
  void revocationCountsAfterTwoSecondsAndExpiryAtOnce() {
    TestDatabase database = service.database;
    MutableClock clock = MutableClock.at("2026-01-01T00:00:00Z");
    TokenAuthenticator tokens = new TokenAuthenticator(database.dataSource(), clock);
    String secret = Secrets.token();
    service.token(secret, "ws_2", "{*}");
    JdbcClient jdbc = JdbcClient.create(database.dataSource());
    jdbc.sql("update access.v_token set expires_at = '2026-01-01T00:01:00Z' where token_hash = ?")
        .param(Secrets.hash(secret))
        .update();
    assertThat(tokens.authenticate(secret))
        .isInstanceOfSatisfying(
            TokenAuthenticator.Outcome.Accepted.class,
            accepted -> assertThat(accepted.caller().workspaceId()).isEqualTo("ws_2"));
    jdbc.sql("update access.v_token set revoked_at = now() where token_hash = ?")
        .param(Secrets.hash(secret))
        .update();
    clock.advance(Duration.ofMillis(2100));
    assertThat(code(tokens, secret)).isEqualTo("token_revoked");
    jdbc.sql("update access.v_token set revoked_at = null where token_hash = ?")
        .param(Secrets.hash(secret))
        .update();
    clock.advance(Duration.ofMillis(57_800));
    assertThat(tokens.authenticate(secret)).isInstanceOf(TokenAuthenticator.Outcome.Accepted.class);
    clock.advance(Duration.ofMillis(200));
    assertThat(code(tokens, secret)).isEqualTo("token_expired");
  }

  @Test
  void writeKeysServeTheLastKnownWhilePostgresIsAway() {
    TestDatabase database = TestPostgres.freshDatabase();
    JdbcClient jdbc = JdbcClient.create(database.dataSource());
    jdbc.sql("create schema access").update();
    jdbc.sql(
            "create table access.v_write_key (write_key text, workspace_id text, source_id text,"
                + " source_kind text, enabled boolean, webhook text)")
        .update();
    jdbc.sql("insert into access.v_write_key values ('k1', 'ws_1', 'src_1', 'web', true)").update();
    PGSimpleDataSource source = (PGSimpleDataSource) database.dataSource();
    MutableClock clock = MutableClock.at("2026-01-01T00:00:00Z");
    WriteKeys keys = new WriteKeys(source, clock);
    assertThat(keys.find("k1").map(WriteKey::sourceId)).isEqualTo(Optional.of("src_1"));
    assertThat(keys.find("k2")).isEmpty();

    int[] ports = source.getPortNumbers();
    source.setPortNumbers(new int[] {1});
    clock.advance(Duration.ofMinutes(10));
    assertThat(keys.find("k1")).isPresent();
    assertThatThrownBy(() -> new WriteKeys(source, clock).find("k1"))
        .isInstanceOf(WriteKeys.NotKnownYetException.class);

    source.setPortNumbers(ports);
    jdbc.sql("update access.v_write_key set enabled = false").update();
    clock.advance(Duration.ofSeconds(3));
    assertThat(keys.find("k1")).isEmpty();
  }

  @Test
  void writeKeysServeTheLastKnownWhilePostgresIsFrozen() throws Exception {
    TestDatabase database = TestPostgres.freshDatabase();
    JdbcClient jdbc = JdbcClient.create(database.dataSource());
    jdbc.sql("create schema access").update();
    jdbc.sql(
            "create table access.v_write_key (write_key text, workspace_id text, source_id text,"
                + " source_kind text, enabled boolean, webhook text)")
        .update();
    jdbc.sql("insert into access.v_write_key values ('k1', 'ws_1', 'src_1', 'web', true)").update();
    MutableClock clock = MutableClock.at("2026-01-01T00:00:00Z");
    WriteKeys keys = new WriteKeys(database.dataSource(), clock);
    assertThat(keys.find("k1")).isPresent();

    try (Connection other = database.dataSource().getConnection()) {
      other.setAutoCommit(false);
      // Whoever asks gets no answer, neither good nor bad.
      other.createStatement().execute("lock table access.v_write_key in access exclusive mode");
      clock.advance(Duration.ofMinutes(10));
      for (int i = 0; i < 3; i++) {
        assertTimeoutPreemptively(
            Duration.ofSeconds(10), () -> assertThat(keys.find("k1")).isPresent());
      }
      other.createStatement().execute("update access.v_write_key set enabled = false");
      other.commit();
    }
    await().untilAsserted(() -> assertThat(keys.find("k1")).isEmpty());
  }

  private static String code(TokenAuthenticator tokens, String secret) {
    return tokens.authenticate(secret) instanceof TokenAuthenticator.Outcome.Refused refused
        ? refused.code()
        : "accepted";
  }
}
