package io.tributary.ingestion.quarantine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.access.WriteKeys;
import io.tributary.event.CollectedEvent;
import io.tributary.event.Json;
import io.tributary.event.Topics;
import io.tributary.ingestion.collect.Running;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestKafka;
import io.tributary.testing.TestPostgres;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Refused events from the request to the entry, and back into the stream. */
class QuarantineTest {
  private static Running service;
  private static JdbcClient jdbc;
  private static String workspace;

  @BeforeAll
  static void start() {
    TestDatabase database = TestPostgres.freshDatabase();
    TestKafka.forgetReaders();
    service = new Running(database, TestKafka.bootstrapServers());
    jdbc = JdbcClient.create(database.dataSource());
    workspace = service.part(WriteKeys.class).find(service.serverKey).orElseThrow().workspaceId();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  /** The entries with this message id, once there are so many. */
  private static List<JsonNode> entries(String code, int count) {
    List<JsonNode> found = new ArrayList<>();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          found.clear();
          get("/api/v1/quarantine?limit=200&code=" + code).get("data").forEach(found::add);
          assertThat(found).hasSize(count);
        });
    return found;
  }

  private static JsonNode get(String path) {
    HttpResponse<String> answer = service.api("GET", path, "");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.MAPPER.readTree(answer.body());
  }

  private static List<CollectedEvent> stored(String userId) {
    return TestKafka.committed(Topics.INGESTION_EVENTS).stream()
        .map(record -> CollectedEvent.decode(record.value()))
        .filter(event -> userId.equals(event.userId()))
        .toList();
  }

  @Test
  void oneBadEventAmongAHundredIsKeptWithItsBytesAndTheOthersAreTaken() {
    String user = "u-" + UUID.randomUUID();
    String bad = "{'type':'track','event':'A','userId':'" + user + "','properties':'none'}";
    String items =
        IntStream.range(0, 100)
            .mapToObj(i ->
                i == 60 ? bad : "{'type':'page','userId':'" + user + "','messageId':'" + i + "'}")
            .collect(Collectors.joining(","));
    assertThat(service.post("/v1/batch", "{'batch':[" + items + "]}").statusCode()).isEqualTo(200);
    assertThat(stored(user)).hasSize(99);
    JsonNode entry = entries("wrong_type", 1).getFirst();
    assertThat(entry.get("stage").asString()).isEqualTo("collect");
    assertThat(entry.at("/reasons/0/path").asString()).isEqualTo("properties");
    JsonNode detail = get("/api/v1/quarantine/" + entry.get("id").asString());
    assertThat(detail.get("text").asString()).isEqualTo(bad.replace('\'', '"'));
    assertThat(Base64.getDecoder().decode(detail.get("original").asString()))
        .isEqualTo(bad.replace('\'', '"').getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void aCorrectedEventIsPutBackOnceWithItsIdAndTimes() {
    String user = "u-" + UUID.randomUUID();
    service.post(
        "/v1/batch",
        "{'batch':[{'type':'track','messageId':'m-"
            + user
            + "','timestamp':'2026-01-01T00:00:00Z'}],'context':{'shop':1}}");
    String id = entries("required", 1).getFirst().get("id").asString();
    String path = "/api/v1/quarantine/" + id + "/replay";
    HttpResponse<String> same = service.api("POST", path, "");
    assertThat(same.statusCode()).isEqualTo(422);
    assertThat(Json.MAPPER.readTree(same.body()).get("code").asString()).isEqualTo("still_refused");
    for (String nothing : List.of("[]", "{}", "[[]]", "7")) {
      HttpResponse<String> refused = service.api("POST", path, "{\"event\":" + nothing + "}");
      assertThat(refused.statusCode()).as(nothing + refused.body()).isEqualTo(422);
    }
    String corrected =
        "{\"event\":{\"type\":\"track\",\"event\":\"A\",\"userId\":\""
            + user
            + "\",\"timestamp\":\"2026-01-01T00:00:00Z\"}}";
    HttpResponse<String> answer = service.api("POST", path, corrected);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(Json.MAPPER.readTree(answer.body()).get("position").asString()).startsWith("p1.");
    assertThat(service.api("POST", path, corrected).statusCode()).isEqualTo(409);
    CollectedEvent event = stored(user).getFirst();
    assertThat(stored(user)).hasSize(1);
    assertThat(event.messageId()).isEqualTo("m-" + user);
    assertThat(event.timestamp()).hasToString("2026-01-01T00:00:00Z");
    assertThat(String.valueOf(event.context())).isEqualTo("{\"shop\":1}");
    assertThat(get("/api/v1/quarantine/" + id).at("/entry/replayedAt").asString()).isNotBlank();
  }

  @Test
  void whatNoDatabaseCanHoldIsKeptToo() {
    byte[] broken =
        "{\"event\":\"x\u0001\\u0000\\ud800\",\"messageId\":\"\\u0000\",\"k\\u0000\":1}"
            .getBytes(java.nio.charset.StandardCharsets.UTF_8);
    broken[12] = (byte) 0xff;
    HttpResponse<String> answer =
        service.send(
            HttpRequest.newBuilder(service.collector("/v1/track"))
                .header("Authorization", Running.basic(service.serverKey))
                .POST(HttpRequest.BodyPublishers.ofByteArray(broken)));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonNode entry = entries("lone_surrogate", 1).getFirst();
    assertThat(entry.hasNonNull("messageId")).isFalse();
    JsonNode detail = get("/api/v1/quarantine/" + entry.get("id").asString());
    assertThat(Base64.getDecoder().decode(detail.get("original").asString())).isEqualTo(broken);
    assertThat(detail.hasNonNull("text")).isFalse();
  }

  @Test
  void aHugeEventIsKeptWhole() {
    String huge = "{'userId':'u','event':'A','properties':{'x':'" + "y".repeat(3_900_000) + "'}}";
    assertThat(service.post("/v1/track", huge).statusCode()).isEqualTo(200);
    JsonNode entry = entries("event_too_large", 1).getFirst();
    assertThat(entry.get("size").asInt()).isEqualTo(huge.length());
  }

  @Test
  void aRecordOfALaterStageIsListedAndPutBackToItsTopic() {
    String user = "u-" + UUID.randomUUID();
    String event =
        "{\"workspaceId\":\""
            + workspace
            + "\",\"sourceId\":\"s\",\"type\":\"page\",\"messageId\":\"m\",\"userId\":\""
            + user
            + "\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"receivedAt\":\"2026-01-01T00:00:00Z\"}";
    jdbc.sql("create schema if not exists identity").update();
    jdbc.sql(
            "create table identity.v_quarantine as select id, workspace_id, source_id, stage,"
                + " message_id, reasons, original, topic, partition, position, at"
                + " from ingestion.v_quarantine where false")
        .update();
    jdbc.sql(
            "insert into identity.v_quarantine (id, workspace_id, stage, reasons, original, topic,"
                + " partition, position, at) values (:id, :ws, 'identity',"
                + " '[{\"code\":\"later\",\"message\":\"m\"}]', :bytes, 'ingestion.events', 0, 9,"
                + " now())")
        .param("id", "qrn_later")
        .param("ws", workspace)
        .param("bytes", event.getBytes(java.nio.charset.StandardCharsets.UTF_8))
        .update();
    assertThat(entries("later", 1).getFirst().get("stage").asString()).isEqualTo("identity");
    String path = "/api/v1/quarantine/qrn_later/replay";
    assertThat(service.api("POST", path, "{\"event\":{}}").statusCode()).isEqualTo(400);
    assertThat(service.api("POST", path, "").statusCode()).isEqualTo(200);
    assertThat(service.api("POST", path, "").statusCode()).isEqualTo(409);
    assertThat(stored(user)).hasSize(1);
  }

  @Test
  void whatNamesAnErasedPersonLeavesTheQuarantine() {
    String person = "Person-" + UUID.randomUUID() + "@example.com";
    service.post(
        "/v1/group",
        "{'groupId':'g','timestamp':'1900-01-01','traits':{'email':'" + person + "'}}");
    service.post(
        "/v1/group",
        "{'groupId':'g','timestamp':'1900-01-01','traits':{'email':'other@example.com'}}");
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> groups() == 2);
    jdbc.sql(
            """
            insert into ingestion.file_import
              (import_id, workspace_id, source_id, name, definition, state, preview, created_at, changed_at)
            values ('imp_1', :workspace, 'src_1', 'n', '{}', 'done', :preview, now(), now())
            """)
        .param("workspace", workspace)
        .param("preview", "[{\"call\": {\"traits\": {\"email\": \"" + person + "\"}}}]")
        .update();
    jdbc.sql(
            """
            insert into ingestion.file_refusal (import_id, line, reasons, original)
            values ('imp_1', 2, '[]', :row), ('imp_1', 3, '[]', 'other@example.com')
            """)
        .param("row", "17," + person)
        .update();
    jdbc.sql("create schema if not exists identity").update();
    jdbc.sql(
            "create view identity.v_identifier as select cast(:ws as text) as workspace_id,"
                    .replace(":ws", "'" + workspace + "'")
                + " lower('"
                + person
                + "') as value, '00000000-0000-0000-0000-000000000001'::uuid as profile_id")
        .update();
    jdbc.sql("create schema profile").update();
    jdbc.sql(
            "create view profile.v_privacy_request as select '"
                + workspace
                + "' as workspace_id, 'prq_1' as request_id, 'erase' as kind,"
                + " '00000000-0000-0000-0000-000000000001'::uuid as profile_id")
        .update();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            jdbc.sql("select count(*) from ingestion.v_privacy_receipt")
                    .query(Integer.class)
                    .single()
                == 1);
    assertThat(groups()).isEqualTo(1);
    assertThat(
            jdbc.sql("select line from ingestion.file_refusal where import_id = 'imp_1'")
                .query(Long.class)
                .list())
        .containsExactly(3L);
    assertThat(
            jdbc.sql("select count(preview) from ingestion.file_import where import_id = 'imp_1'")
                .query(Integer.class)
                .single())
        .isZero();
    assertThat(
            jdbc.sql("select count(*) from ingestion.refused_event where call = 'group'")
                .query(Integer.class)
                .single())
        .isEqualTo(1);
  }

  private static int groups() {
    return jdbc.sql(
            "select count(*) from ingestion.quarantine where reasons::text like '%timestamp_out_of_range%'")
        .query(Integer.class)
        .single();
  }

  @Test
  void theListHasPagesAndIsTheWorkspacesOwn() {
    for (int i = 0; i < 3; i++) {
      service.post("/v1/alias", "{'userId':'u','previousId':'p','timestamp':'never'}");
    }
    entries("invalid_time", 3);
    JsonNode first = get("/api/v1/quarantine?code=invalid_time&limit=2");
    assertThat(first.get("data")).hasSize(2);
    JsonNode second =
        get(
            "/api/v1/quarantine?code=invalid_time&limit=2&cursor="
                + first.get("nextCursor").asString());
    assertThat(second.get("data")).hasSize(1);
    String id = second.at("/data/0/id").asString();
    jdbc.sql("update ingestion.quarantine set workspace_id = 'ws_other' where id = :id")
        .param("id", id)
        .update();
    assertThat(service.api("GET", "/api/v1/quarantine/" + id, "").statusCode()).isEqualTo(404);
    assertThat(service.api("POST", "/api/v1/quarantine/" + id + "/replay", "").statusCode())
        .isEqualTo(404);
    assertThat(get("/api/v1/quarantine?code=invalid_time").get("data")).hasSize(2);
  }
}
