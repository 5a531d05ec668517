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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Many refused events by their cause: looked at, tried, put back, given up. */
class BulkReplayTest {
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

  private static String quoted(String json) {
    return json.replace('\'', '"');
  }

  private static JsonNode ok(String method, String path, String body) {
    HttpResponse<String> answer = service.api(method, path, quoted(body));
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 204);
    return Json.MAPPER.readTree(answer.body().isEmpty() ? "{}" : answer.body());
  }

  private static JsonNode bulk(String body) {
    return ok("POST", "/api/v1/quarantine/replay", body);
  }

  /** All parts of a bulk replay, added up. */
  private record Sum(
      int parts, int examined, int replayed, int busy, Map<String, Integer> refused) {
    static Sum of(String members) {
      Map<String, Integer> refused = new HashMap<>();
      int parts = 0;
      int examined = 0;
      int replayed = 0;
      int busy = 0;
      String cursor = "";
      while (true) {
        JsonNode part = bulk("{" + members + cursor + "}");
        parts++;
        examined += part.get("examined").asInt();
        replayed += part.get("replayed").asInt();
        busy += part.get("busy").asInt();
        part.get("refused")
            .forEach(
                r -> refused.merge(r.get("code").asString(), r.get("count").asInt(), Integer::sum));
        if (!part.hasNonNull("nextCursor")) {
          assertThat(part.get("left").asInt()).isZero();
          return new Sum(parts, examined, replayed, busy, refused);
        }
        cursor = ",'cursor':'" + part.get("nextCursor").asString() + "'";
      }
    }
  }

  private record Shop(String sourceId, String key) {
    /** A source whose orders must have a number for their total. */
    static Shop planned(String name) {
      JsonNode source = ok("POST", "/api/v1/sources", "{'name':'" + name + "','kind':'server'}");
      Shop shop = new Shop(source.get("id").asString(), source.at("/writeKeys/0/key").asString());
      String plan =
          ok(
                  "POST",
                  "/api/v1/tracking-plans",
                  "{'name':'"
                      + name
                      + "','events':[{'event':'Order','onViolation':'quarantine','schema':"
                      + "{'properties':{'total':{'type':'number'}}}}]}")
              .get("id")
              .asString();
      ok("PUT", "/api/v1/tracking-plans/" + plan + "/sources/" + shop.sourceId, "");
      return shop;
    }

    void send(String events) {
      HttpResponse<String> answer =
          service.send(
              HttpRequest.newBuilder(service.collector("/v1/batch"))
                  .header("Authorization", Running.basic(key + ":"))
                  .POST(HttpRequest.BodyPublishers.ofString(quoted("{'batch':[" + events + "]}"))));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    JsonNode causes() {
      return ok("GET", "/api/v1/quarantine/causes?source=" + sourceId, "").get("data");
    }

    void awaitEntries(int count) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> causes().valueStream().mapToInt(c -> c.get("count").asInt()).sum() == count);
    }

    List<CollectedEvent> stored() {
      return TestKafka.committed(Topics.INGESTION_EVENTS).stream()
          .map(record -> CollectedEvent.decode(record.value()))
          .filter(event -> sourceId.equals(event.sourceId()))
          .toList();
    }
  }

  private static String orders(String prefix, int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i ->
            "{'type':'track','event':'Order','userId':'u','messageId':'%s%d','timestamp':'2026-01-01T00:00:00Z','properties':{'total':'%d.5'}}"
                .formatted(prefix, i, i))
        .collect(Collectors.joining(","));
  }

  @Test
  void aCauseIsSeenTriedAndPutBackByTwoAtOnceEachEventOnce() throws Exception {
    Shop shop = Shop.planned("bulk");
    Awaitility.await("the plan is known")
        .atMost(Duration.ofSeconds(30))
        .until(() -> {
          shop.send(orders("probe-" + UUID.randomUUID(), 0, 1));
          return shop.causes().size() == 1;
        });
    int probes = shop.stored().size();
    int early = shop.causes().get(0).get("count").asInt();
    int many = 1_200;
    for (int i = 0; i < many; i += 100) {
      shop.send(orders("bulk-", i, i + 100));
    }
    shop.awaitEntries(many + early);
    JsonNode cause = shop.causes().get(0);
    assertThat(cause.get("code").asString()).isEqualTo("plan_type");
    assertThat(cause.get("path").asString()).isEqualTo("properties.total");
    String which = "'source':'" + shop.sourceId + "','code':'plan_type','path':'properties.total'";
    String fix = which + ",'edits':[{'op':'cast','path':'/properties/total','to':'number'}]";

    Sum asItIs = Sum.of(which + ",'dryRun':true");
    assertThat(asItIs.examined).isEqualTo(many + early);
    assertThat(asItIs.replayed).isZero();
    assertThat(asItIs.refused).isEqualTo(Map.of("plan_type", many + early));
    Sum tried = Sum.of(fix + ",'dryRun':true");
    assertThat(tried.replayed).isEqualTo(many + early);
    assertThat(tried.parts).isGreaterThan(1);
    assertThat(shop.stored()).hasSize(probes);

    Callable<Sum> replay = () -> Sum.of(fix);
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<Sum>> both = threads.invokeAll(List.of(replay, replay));
      int replayed = both.get(0).get().replayed + both.get(1).get().replayed;
      assertThat(replayed).isEqualTo(many + early);
    }
    List<CollectedEvent> back =
        shop.stored().stream().filter(e -> e.messageId().startsWith("bulk-")).toList();
    assertThat(back).hasSize(many);
    assertThat(back.stream().map(CollectedEvent::messageId).distinct()).hasSize(many);
    assertThat(back)
        .allSatisfy(event -> {
          assertThat(event.timestamp()).hasToString("2026-01-01T00:00:00Z");
          assertThat(String.valueOf(event.properties()))
              .isEqualTo("{\"total\":" + event.messageId().substring(5) + ".5}");
        });
    assertThat(Sum.of(fix).examined).isZero();
    assertThat(shop.causes()).isEmpty();
    assertThat(
            ok("GET", "/api/v1/quarantine?state=replayed&limit=200&source=" + shop.sourceId, "")
                .get("data"))
        .hasSize(200);
  }

  @Test
  void whatIsGivenUpCountsNoMoreAndCanStillBePutBackSingly() {
    String user = "u-" + UUID.randomUUID();
    service.post("/v1/page", "{'userId':'" + user + "','context':'none'}");
    service.post("/v1/page", "{'userId':'" + user + "','context':7}");
    String filter = "'code':'wrong_type','path':'context'";
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> open("wrong_type").size() == 2);
    String id = open("wrong_type").get(0).get("id").asString();
    JsonNode answer = ok("POST", "/api/v1/quarantine/dismiss", "{" + filter + "}");
    assertThat(answer.get("dismissed").asInt()).isEqualTo(2);
    assertThat(answer.get("left").asInt()).isZero();
    assertThat(open("wrong_type")).isEmpty();
    assertThat(bulk("{" + filter + "}").get("examined").asInt()).isZero();
    assertThat(ok("GET", "/api/v1/quarantine/" + id, "").at("/entry/state").asString())
        .isEqualTo("dismissed");
    assertThat(jdbc.sql("select count(*) from ingestion.v_dismissed").query(Integer.class).single())
        .isEqualTo(2);
    ok("POST", "/api/v1/quarantine/" + id + "/replay", "{'event':{'userId':'" + user + "'}}");
    assertThat(ok("GET", "/api/v1/quarantine/" + id, "").at("/entry/state").asString())
        .isEqualTo("replayed");
  }

  private static JsonNode open(String code) {
    return ok("GET", "/api/v1/quarantine?state=open&code=" + code, "").get("data");
  }

  @Test
  void whatAnotherIsPuttingBackIsLeftToItUntilItHasClearlyEnded() {
    service.post("/v1/screen", "{'userId':'u','timestamp':'never'}");
    String filter = "{'code':'invalid_time','edits':[{'op':'remove','path':'/timestamp'}]}";
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> open("invalid_time").size() == 1);
    String id = open("invalid_time").get(0).get("id").asString();
    jdbc.sql(
            "insert into ingestion.replay (quarantine_id, workspace_id, token_id, state)"
                + " values (:id, :ws, 't', 'started')")
        .param("id", id)
        .param("ws", workspace)
        .update();
    JsonNode busy = bulk(filter);
    assertThat(busy.get("busy").asInt()).isEqualTo(1);
    assertThat(busy.get("replayed").asInt()).isZero();
    jdbc.sql(
            "update ingestion.replay set at = now() - interval '2 minutes' where quarantine_id = :id")
        .param("id", id)
        .update();
    assertThat(bulk(filter).get("replayed").asInt()).isEqualTo(1);
    assertThat(bulk(filter).get("examined").asInt()).isZero();
  }

  private static byte[] event(String workspaceId) {
    return quoted(
            "{'workspaceId':'%s','sourceId':'s','type':'page','messageId':'m','userId':'u','timestamp':'2026-01-01T00:00:00Z','receivedAt':'2026-01-01T00:00:00Z'}"
                .formatted(workspaceId))
        .getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void entriesOfAnotherWorkspaceAndOfLaterStagesAreToldApart() {
    jdbc.sql("create schema if not exists identity").update();
    jdbc.sql(
            "create table identity.v_quarantine as select id, workspace_id, source_id, stage,"
                + " message_id, reasons, original, topic, partition, position, at"
                + " from ingestion.v_quarantine where false")
        .update();
    for (String owner : List.of(workspace, "ws_other")) {
      jdbc.sql(
              "insert into identity.v_quarantine (id, workspace_id, stage, reasons, original, topic,"
                  + " partition, position, at) values (:id, :ws, 'identity',"
                  + " '[{\"code\":\"later\",\"message\":\"m\"}]', :bytes, 'ingestion.events', 0, 9,"
                  + " now())")
          .param("id", "qrn_" + owner)
          .param("ws", owner)
          .param("bytes", event(owner))
          .update();
    }
    JsonNode edited = bulk("{'stage':'identity','edits':[{'op':'remove','path':'/name'}]}");
    assertThat(edited.at("/refused/0/code").asString()).isEqualTo("not_correctable");
    JsonNode answer = bulk("{'code':'later'}");
    assertThat(answer.get("examined").asInt()).isEqualTo(1);
    assertThat(answer.get("replayed").asInt()).isEqualTo(1);
    assertThat(
            ok("POST", "/api/v1/quarantine/dismiss", "{'code':'later'}").get("dismissed").asInt())
        .isZero();
  }

  @Test
  void badRequestsAreToldAllThatIsWrong() {
    for (String path : List.of("replay", "dismiss")) {
      HttpResponse<String> all = service.api("POST", "/api/v1/quarantine/" + path, "{}");
      assertThat(all.statusCode()).as(all.body()).isEqualTo(400);
      assertThat(Json.MAPPER.readTree(all.body()).at("/errors/0/code").asString())
          .isEqualTo("required");
    }
    HttpResponse<String> edits =
        service.api("POST", "/api/v1/quarantine/replay", quoted("{'edits':[null,{'op':'set'}]}"));
    assertThat(edits.statusCode()).isEqualTo(400);
    assertThat(Json.MAPPER.readTree(edits.body()).get("errors")).hasSize(4);
    HttpResponse<String> cursor =
        service.api("POST", "/api/v1/quarantine/replay", quoted("{'code':'x','cursor':'x'}"));
    assertThat(cursor.statusCode()).isEqualTo(400);
    assertThat(service.api("GET", "/api/v1/quarantine?state=lost", "").statusCode()).isEqualTo(400);
  }
}
