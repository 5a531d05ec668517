package io.tributary.identity;

import static io.tributary.identity.Identities.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.access.Secrets;
import io.tributary.event.IdentityRecord;
import io.tributary.event.IdentityRecord.ProfileLink;
import io.tributary.event.IdentityRecord.ResolvedEvent;
import io.tributary.event.Json;
import io.tributary.event.ProfileId;
import io.tributary.event.Topics;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestKafka;
import io.tributary.testing.TestPostgres;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** The whole service on a real Kafka and Postgres, from outside. */
class IdentityServiceTest {
  private static final String TOKEN = Secrets.token();
  private static final String READER = Secrets.token();
  private static final String STRANGER = Secrets.token();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final TestDatabase DATABASE = TestPostgres.freshDatabase();
  private static ServletWebServerApplicationContext service;

  @BeforeAll
  static void start() {
    JdbcClient sql = JdbcClient.create(DATABASE.dataSource());
    sql.sql(
            """
            create schema access;
            create table access.v_token (token_hash bytea, workspace_id text, token_id text, scopes text[],
                expires_at timestamptz, revoked_at timestamptz)
            """)
        .update();
    token(sql, TOKEN, "ws_1", "profiles:read,profiles:write");
    token(sql, READER, "ws_1", "profiles:read");
    token(sql, STRANGER, "ws_2", "*");
    service =
        (ServletWebServerApplicationContext)
            IdentityApplication.application()
                .run(
                    "--TRIBUTARY_IDENTITY_PORT=0",
                    "--TRIBUTARY_KAFKA_BOOTSTRAP=" + TestKafka.bootstrapServers(),
                    "--TRIBUTARY_PARTITIONS=4",
                    "--TRIBUTARY_DATABASE_URL=" + DATABASE.url(),
                    "--TRIBUTARY_DATABASE_USER=" + DATABASE.user(),
                    "--TRIBUTARY_DATABASE_PASSWORD=" + DATABASE.password());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static void token(JdbcClient sql, String token, String workspace, String scopes) {
    sql.sql("insert into access.v_token values (?, ?, ?, string_to_array(?, ','), null, null)")
        .params(Secrets.hash(token), workspace, "tok_" + workspace, scopes)
        .update();
  }

  private static void send(Identities.Draft... drafts) {
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", TestKafka.bootstrapServers()),
            new StringSerializer(),
            new ByteArraySerializer())) {
      for (Identities.Draft draft : drafts) {
        byte[] value = draft.build().json().toBytes();
        var _ = producer.send(new ProducerRecord<>(Topics.INGESTION_EVENTS, "key", value));
      }
    }
  }

  private static List<IdentityRecord> told() {
    return TestKafka.committed(Topics.IDENTITY_EVENTS).stream()
        .map(record -> IdentityRecord.decode(record.value()))
        .toList();
  }

  private static ProfileId home(String messageId) {
    return await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                told().stream()
                    .filter(ResolvedEvent.class::isInstance)
                    .map(ResolvedEvent.class::cast)
                    .filter(e -> e.event().messageId().equals(messageId))
                    .findFirst()
                    .orElse(null),
            Objects::nonNull)
        .profileId();
  }

  private static HttpResponse<String> call(String method, String path, String token, String body)
      throws Exception {
    return call(method, path, token, body, UUID.randomUUID().toString());
  }

  private static HttpResponse<String> call(
      String method, String path, String token, String body, String idempotencyKey)
      throws Exception {
    int port = Objects.requireNonNull(service.getWebServer()).getPort();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", idempotencyKey)
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
    return HTTP.send(request, BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return Json.MAPPER.readTree(answer.body());
  }

  @Test
  void aMergeIsToldListedTakenBackAndToldAgain() throws Exception {
    send(
        event().user("u1").message("s1"),
        event().device("d1").message("s2"),
        event().user("u1").device("d1").at(1).message("s3"));
    ProfileId visit = home("s2");
    ProfileId known = home("s3");
    String list = "/api/v1/profiles/" + known + "/merges";
    JsonNode merge = json(call("GET", list, READER, ""), 200).path("data").path(0);
    assertThat(merge.path("absorbedProfileId").asString()).isEqualTo(visit.toString());
    assertThat(merge.path("cause").toString())
        .isEqualTo(
            "{\"rule\":\"device\",\"matched\":[\"userId\",\"anonymousId\"],\"messageId\":\"s3\"}");
    assertThat(merge.path("state").asString()).isEqualTo("active");

    String split = "/api/v1/profiles/" + known + "/split";
    String body = "{\"mergeId\":\"" + merge.path("mergeId").asString() + "\"}";
    assertThat(json(call("POST", split, READER, body), 403).path("code").asString())
        .isEqualTo("scope_missing");
    json(call("POST", split, STRANGER, body), 404);
    HttpResponse<String> done = call("POST", split, TOKEN, body, "key-1");
    assertThat(json(done, 200).path("state").asString()).isEqualTo("split");
    assertThat(call("POST", split, TOKEN, body, "key-1").body()).isEqualTo(done.body());
    assertThat(json(call("POST", split, TOKEN, body), 409).path("code").asString())
        .isEqualTo("already_split");
    assertThat(
            json(call("GET", list, READER, ""), 200).path("data").path(0).path("state").asString())
        .isEqualTo("split");
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(told())
                .filteredOn(ProfileLink.class::isInstance)
                .extracting(record -> ((ProfileLink) record).mergedInto())
                .containsExactlyInAnyOrder(known, null));
  }

  @Test
  void refusedLinksAreListedForTheirOwnWorkspaceOnly() throws Exception {
    send(
        event().user("u7").email("shared@x.io").message("r1"),
        event().user("u8").email("shared@x.io").message("r2"));
    ProfileId second = home("r2");
    String path = "/api/v1/identity/refused-links";
    JsonNode refused =
        json(call("GET", path + "?profileId=" + second, READER, ""), 200).path("data");
    assertThat(refused).hasSize(1);
    assertThat(refused.path(0).path("reason").asString()).isEqualTo("other_user_id");
    assertThat(refused.path(0).path("identifier").path("type").asString()).isEqualTo("email");
    assertThat(json(call("GET", path, STRANGER, ""), 200).path("data")).isEmpty();
    assertThat(json(call("GET", path + "?profileId=x", READER, ""), 400).path("code").asString())
        .isEqualTo("invalid_request");
  }

  @Test
  void badRequestsAreToldWhatIsWrong() throws Exception {
    String nobody = "/api/v1/profiles/" + ProfileId.create();
    json(call("GET", nobody + "/merges", READER, ""), 404);
    json(call("GET", "/api/v1/profiles/me/merges", READER, ""), 404);
    json(call("POST", nobody + "/split", TOKEN, "{\"mergeId\":\"mrg_1\"}"), 404);
    assertThat(
            json(call("POST", nobody + "/split", TOKEN, "{}"), 400)
                .path("errors")
                .path(0)
                .path("path")
                .asString())
        .isEqualTo("mergeId");
    json(call("POST", nobody + "/split", TOKEN, "{\"merge\":1}"), 400);
    json(call("GET", nobody + "/merges", "trb_" + "x".repeat(43), ""), 401);
  }
}
