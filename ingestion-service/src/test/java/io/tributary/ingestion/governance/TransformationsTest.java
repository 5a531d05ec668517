package io.tributary.ingestion.governance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.CollectedEvent;
import io.tributary.event.Json;
import io.tributary.event.Topics;
import io.tributary.ingestion.collect.Running;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestKafka;
import io.tributary.testing.TestPostgres;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Transformations of sources over HTTP, with a real log and a real database behind them. */
class TransformationsTest {
  private static final String SECRET = "4111-secret-1111";
  private static TestDatabase database;
  private static Running service;
  private static JdbcClient jdbc;

  @BeforeAll
  static void start() {
    database = TestPostgres.freshDatabase();
    TestKafka.forgetReaders();
    Map<String, String> settings = new HashMap<>(database.properties());
    settings.put("TRIBUTARY_ENCRYPTION_KEY", "a key for tests, and for nothing else");
    service = new Running(settings, TestKafka.bootstrapServers());
    jdbc = JdbcClient.create(database.dataSource());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static String quoted(String json) {
    return json.replace('\'', '"');
  }

  private static HttpResponse<String> api(
      String method, String path, String body, String... headers) {
    return service.api(method, path, quoted(body), headers);
  }

  private static JsonNode ok(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 204);
    return Json.MAPPER.readTree(answer.body());
  }

  private static void assertRefused(HttpResponse<String> answer, int status, String code) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(Json.MAPPER.readTree(answer.body()).at("/code").asString()).isEqualTo(code);
  }

  private record Shop(String id, String key) {
    static Shop create() {
      JsonNode made =
          ok(
              api(
                  "POST",
                  "/api/v1/sources",
                  "{'name':'" + UUID.randomUUID() + "','kind':'server'}"));
      return new Shop(made.at("/id").asString(), made.at("/writeKeys/0/key").asString());
    }

    String path() {
      return "/api/v1/sources/" + id + "/transformation";
    }

    long transformed(String... steps) {
      String version = ok(api("GET", path(), "")).at("/version").asString();
      JsonNode made =
          ok(
              api(
                  "PUT",
                  path(),
                  "{'steps':[" + String.join(",", steps) + "]}",
                  "If-Match",
                  "\"" + version + "\""));
      return made.at("/version").asLong();
    }

    HttpResponse<String> post(Running to, String... events) {
      return to.send(
          HttpRequest.newBuilder(to.collector("/v1/batch"))
              .header("Authorization", Running.basic(key + ":"))
              .POST(
                  BodyPublishers.ofString(quoted("{'batch':[" + String.join(",", events) + "]}"))));
    }

    void send(String... events) {
      HttpResponse<String> answer = post(service, events);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    List<JsonNode> stored() {
      return TestKafka.committed(Topics.INGESTION_EVENTS).stream()
          .map(record -> CollectedEvent.decode(record.value()))
          .filter(event -> id.equals(event.sourceId()))
          .map(event -> event.json().tree())
          .toList();
    }

    JsonNode quarantined() {
      String path = "/api/v1/quarantine?source=" + id;
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> !ok(api("GET", path, "")).at("/data").isEmpty());
      String entry = ok(api("GET", path, "")).at("/data/0/id").asString();
      return ok(api("GET", "/api/v1/quarantine/" + entry, ""));
    }
  }

  @Test
  void stepsCountAtOnceAndEventsSayByWhichVersion() {
    Shop shop = Shop.create();
    String event = "{'type':'identify','userId':'u','traits':{'email':'ADA@EXAMPLE.COM'}}";
    shop.send(event);
    assertThat(shop.transformed("{'op':'standardize','path':'/traits/email','as':'email'}"))
        .isEqualTo(1);
    shop.send(event);
    assertThat(shop.transformed("{'op':'mask','path':'/traits/email'}")).isEqualTo(2);
    shop.send(event);
    assertThat(shop.transformed()).isEqualTo(3);
    shop.send(event);
    assertThat(shop.stored().stream().map(each -> each.at("/traits/email").asString()))
        .containsExactly(
            "ADA@EXAMPLE.COM", "ada@example.com", "A***@EXAMPLE.COM", "ADA@EXAMPLE.COM");
    assertThat(shop.stored().stream().map(each -> each.at("/transformation/version").asInt(0)))
        .containsExactly(0, 1, 2, 0);
    JsonNode first = ok(api("GET", shop.path() + "/versions/1", ""));
    assertThat(first.at("/steps/0/as").asString()).isEqualTo("email");
  }

  @Test
  void aChangeThatNobodyReadBeforeIsRefused() {
    Shop shop = Shop.create();
    String steps = "{'steps':[{'op':'remove','path':'/traits/a'}]}";
    assertRefused(api("PUT", shop.path(), steps), 428, "if_match_required");
    assertThat(api("GET", shop.path(), "").headers().firstValue("ETag")).contains("\"0\"");
    assertRefused(api("PUT", shop.path(), steps, "If-Match", "\"1\""), 412, "version_mismatch");
    ok(api("PUT", shop.path(), steps, "If-Match", "\"0\""));
    assertRefused(api("PUT", shop.path(), steps, "If-Match", "\"0\""), 412, "version_mismatch");
    HttpResponse<String> faulty =
        api(
            "PUT",
            shop.path(),
            "{'steps':[{'op':'compute','path':'/traits/a','expression':'1 +'},{'op':'x'}],'more':1}",
            "If-Match",
            "\"1\"");
    assertThat(faulty.statusCode()).isEqualTo(400);
    assertRefused(api("GET", "/api/v1/sources/src_none/transformation", ""), 404, "not_found");
    assertRefused(api("GET", shop.path() + "/versions/9", ""), 404, "not_found");
    String internal =
        jdbc.sql("select source_id from access.source where kind = 'tributary' limit 1")
            .query(String.class)
            .single();
    assertRefused(
        api("PUT", "/api/v1/sources/" + internal + "/transformation", steps, "If-Match", "\"0\""),
        409,
        "internal_source");
  }

  @Test
  void stepsCanBeTriedBeforeTheyCount() {
    Shop shop = Shop.create();
    JsonNode tried =
        ok(
            api(
                "POST",
                shop.path() + "/check",
                "{'steps':[{'op':'hash','path':'/userId'}],'events':["
                    + "{'type':'page','userId':'ada'},{'type':'page'}]}"));
    assertThat(tried.at("/events/0/event/userId").asString()).matches("[0-9a-f]{64}");
    assertThat(tried.at("/events/1/outcome").asString()).isEqualTo("refused");
    JsonNode untouched =
        ok(api("POST", shop.path() + "/check", "{'events':[{'type':'page','userId':'ada'}]}"));
    assertThat(untouched.at("/events/0/event/userId").asString()).isEqualTo("ada");
    assertRefused(
        api("POST", shop.path() + "/check", "{'steps':[],'events':[]}"), 400, "invalid_request");
    assertThat(shop.stored()).isEmpty();
  }

  @Test
  void whatAStepRefusedPassesOnceTheStepsAreMended() {
    Shop shop = Shop.create();
    shop.transformed("{'op':'cast','path':'/properties/total','to':'number','onProblem':'refuse'}");
    shop.send(
        "{'type':'track','userId':'u','event':'Order','messageId':'m-"
            + shop.id()
            + "','properties':{'total':'12,50'}}");
    JsonNode entry = shop.quarantined();
    assertThat(entry.at("/entry/reasons/0/code").asString()).isEqualTo("transformation_failed");
    shop.transformed(
        "{'op':'compute','path':'/properties/total','expression':'value.replace(\\',\\', \\'.\\')'}"
            .replace("\\'", "\\\""),
        "{'op':'cast','path':'/properties/total','to':'number','onProblem':'refuse'}");
    ok(api("POST", "/api/v1/quarantine/replay", "{'source':'" + shop.id() + "'}"));
    assertThat(shop.stored()).hasSize(1);
    assertThat(shop.stored().getFirst().at("/properties/total").asDouble()).isEqualTo(12.5);
  }

  @Test
  void whatIsTakenAwayIsInNoTableAndStepsAreNotDoneTwice() {
    Shop shop = Shop.create();
    shop.transformed(
        "{'op':'remove','path':'/properties/card'}",
        "{'op':'compute','path':'/properties/count','expression':'event.properties.count + 1'}",
        "{'op':'refuse','path':'/properties/block'}");
    shop.send(
        "{'type':'track','userId':'u','event':'Order','messageId':'w-"
            + shop.id()
            + "','properties':{'card':'"
            + SECRET
            + "','count':1,'block':'"
            + SECRET
            + "'}}");
    JsonNode entry = shop.quarantined();
    assertThat(entry.at("/text").asString()).contains("\"count\"").doesNotContain(SECRET);
    assertThat(
            jdbc.sql(
                    """
                    select count(*) from ingestion.quarantine q
                    where encode(original, 'escape') like '%' || :secret || '%'
                    """)
                .param("secret", SECRET)
                .query(Long.class)
                .single())
        .isZero();
    ok(api("POST", "/api/v1/quarantine/replay", "{'source':'" + shop.id() + "'}"));
    assertThat(shop.stored()).hasSize(1);
    assertThat(shop.stored().getFirst().at("/properties").toString()).isEqualTo("{\"count\":2}");
  }

  @Test
  void aCorrectedEventHasTheStepsDoneToIt() {
    Shop shop = Shop.create();
    shop.transformed("{'op':'mask','path':'/properties/card'}");
    shop.send("{'type':'track','userId':'u','properties':{'card':'" + SECRET + "'}}");
    String id = shop.quarantined().at("/entry/id").asString();
    ok(
        api(
            "POST",
            "/api/v1/quarantine/" + id + "/replay",
            "{'event':{'type':'track','event':'Order','userId':'u','properties':{'card':'"
                + SECRET
                + "'}}}"));
    assertThat(shop.stored()).hasSize(1);
    assertThat(shop.stored().getFirst().at("/properties/card").asString()).isEqualTo("***11");
  }

  @Test
  void everyInstanceDoesTheStepsWithinSecondsAndOneThatCannotTakesNothing() {
    Shop shop = Shop.create();
    Map<String, String> keyless = new HashMap<>(database.properties());
    try (Running other = Running.beside(service, keyless, TestKafka.bootstrapServers())) {
      shop.transformed("{'op':'remove','path':'/traits/a'}");
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> {
            shop.post(other, "{'type':'identify','userId':'u','traits':{'a':1}}");
            return !shop.stored().getLast().at("/traits").has("a");
          });
      assertRefused(
          other.api(
              "PUT",
              shop.path(),
              quoted("{'steps':[{'op':'hash','path':'/userId'}]}"),
              "If-Match",
              "\"1\""),
          400,
          "invalid_request");
      // What it can't read it doesn't replace by the version before: nothing may pass.
      shop.transformed("{'op':'hash','path':'/userId'}");
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> shop.post(other, "{'type':'page','userId':'ada'}").statusCode() == 503);
      Shop unknown = Shop.create();
      unknown.transformed("{'op':'hash','path':'/userId'}");
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> unknown.post(other, "{'type':'page','userId':'ada'}").statusCode() == 503);
      // Before it had heard of the steps, the other may have taken the same event as it was.
      unknown.send("{'type':'page','userId':'ada','messageId':'after'}");
      assertThat(
              unknown.stored().stream()
                  .filter(event -> event.at("/messageId").asString().equals("after"))
                  .map(event -> event.at("/userId").asString()))
          .singleElement(InstanceOfAssertFactories.STRING)
          .matches("[0-9a-f]{64}");
    }
  }
}
