package io.tributary.ingestion.governance;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** Tracking plans over HTTP, with a real log and a real database behind them. */
class TrackingPlansTest {
  private static final String ORDER =
      "{'event':'Order','schema':{'required':['total'],'additionalProperties':false,"
          + "'properties':{'total':{'type':'number'},'coupon':{'type':'string'}}},"
          + "'onViolation':'%s'}";
  private static Running service;
  private static JdbcClient jdbc;

  @BeforeAll
  static void start() {
    TestDatabase database = TestPostgres.freshDatabase();
    TestKafka.forgetReaders();
    service = new Running(database, TestKafka.bootstrapServers());
    jdbc = JdbcClient.create(database.dataSource());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private record Sender(String sourceId, String writeKey) {
    HttpResponse<String> send(String... events) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(service.collector("/v1/batch"))
              .header("Authorization", Running.basic(writeKey + ":"))
              .POST(
                  BodyPublishers.ofString(quoted("{'batch':[" + String.join(",", events) + "]}")));
      HttpResponse<String> answer = service.send(request);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return answer;
    }

    List<JsonNode> stored() {
      return TestKafka.committed(Topics.INGESTION_EVENTS).stream()
          .map(record -> CollectedEvent.decode(record.value()))
          .filter(event -> sourceId.equals(event.sourceId()))
          .map(event -> event.json().tree())
          .toList();
    }
  }

  private static String quoted(String json) {
    return json.replace('\'', '"');
  }

  private static HttpResponse<String> api(
      String method, String path, String body, String... headers) {
    return by(service.token, method, path, body, headers);
  }

  private static HttpResponse<String> by(
      String token, String method, String path, String body, String... headers) {
    return service.by(token, method, path, quoted(body), headers);
  }

  private static JsonNode json(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return answer.body().isEmpty()
        ? Json.MAPPER.createObjectNode()
        : Json.MAPPER.readTree(answer.body());
  }

  private static void assertRefused(HttpResponse<String> answer, int status, String code) {
    assertThat(json(answer, status).at("/code").asString()).isEqualTo(code);
  }

  private static Sender source() {
    String wanted = "{'name':'" + UUID.randomUUID() + "','kind':'server'}";
    JsonNode made = json(api("POST", "/api/v1/sources", wanted), 201);
    return new Sender(made.at("/id").asString(), made.at("/writeKeys/0/key").asString());
  }

  private static String body(String name, String events, String unplanned) {
    return "{'name':'%s','events':[%s],'unplannedEvents':'%s'}".formatted(name, events, unplanned);
  }

  private static String plan(String events, String unplanned) {
    String wanted = body("plan " + UUID.randomUUID(), events, unplanned);
    JsonNode made = json(api("POST", "/api/v1/tracking-plans", wanted), 201);
    return "/api/v1/tracking-plans/" + made.at("/id").asString();
  }

  private static void attach(String plan, Sender source) {
    json(api("PUT", plan + "/sources/" + source.sourceId(), ""), 204);
  }

  private static Map<String, JsonNode> violations(String plan) {
    Map<String, JsonNode> found = new HashMap<>();
    String cursor = "";
    do {
      JsonNode page = json(api("GET", plan + "/violations?limit=200" + cursor, ""), 200);
      page.at("/data")
          .forEach(row ->
              found.put(
                  row.at("/event").asString()
                      + " "
                      + row.at("/field").asString()
                      + " "
                      + row.at("/kind").asString(),
                  row));
      String next = page.path("nextCursor").asString("");
      cursor = next.isEmpty() ? "" : "&cursor=" + next;
    } while (!cursor.isEmpty());
    return found;
  }

  private static JsonNode violation(String plan, String key) {
    return violations(plan).getOrDefault(key, MissingNode.getInstance());
  }

  @Test
  void aPlanHasVersionsThatStayAndAnETagThatKeepsTwoFromOverwritingEachOther() {
    String name = "Shop " + UUID.randomUUID();
    String first = body(name, "{'event':'A'}", "allow");
    HttpResponse<String> made = api("POST", "/api/v1/tracking-plans", first);
    JsonNode plan = json(made, 201);
    String path = "/api/v1/tracking-plans/" + plan.at("/id").asString();
    assertThat(made.headers().firstValue("Location")).hasValue(path);
    String etag = made.headers().firstValue("ETag").orElseThrow();
    assertRefused(api("POST", "/api/v1/tracking-plans", first), 409, "name_taken");

    String second = body(name, "{'event':'A'},{'event':'B'}", "quarantine");
    assertRefused(api("PUT", path, second), 428, "if_match_required");
    HttpResponse<String> changed = api("PUT", path, second, "If-Match", etag);
    assertThat(json(changed, 200).at("/version").asLong()).isEqualTo(2);
    assertRefused(api("PUT", path, second, "If-Match", etag), 412, "version_mismatch");
    String renamed = body(name + "!", "{'event':'A'},{'event':'B'}", "quarantine");
    JsonNode third =
        json(
            api("PUT", path, renamed, "If-Match", changed.headers().firstValue("ETag").get()), 200);
    assertThat(third.at("/version").asLong()).isEqualTo(2);
    assertThat(third.at("/name").asString()).isEqualTo(name + "!");

    JsonNode old = json(api("GET", path + "/versions/1", ""), 200);
    assertThat(old.at("/events")).hasSize(1);
    assertThat(old.at("/unplannedEvents").asString()).isEqualTo("allow");
    assertThat(json(api("GET", path + "/versions/2", ""), 200).at("/events")).hasSize(2);
    assertRefused(api("GET", path + "/versions/3", ""), 404, "not_found");
    assertThat(json(api("GET", path, ""), 200).at("/unplannedEvents").asString())
        .isEqualTo("quarantine");
    assertThat(json(api("GET", "/api/v1/tracking-plans?limit=200", ""), 200).toString())
        .contains(plan.at("/id").asString());
  }

  @Test
  void aPlanInUseCantBeDeletedAndADeletedOneIsGone() {
    String plan = plan("{'event':'A'}", "allow");
    Sender source = source();
    attach(plan, source);
    assertThat(json(api("GET", plan, ""), 200).at("/sources/0").asString())
        .isEqualTo(source.sourceId());
    assertRefused(api("DELETE", plan, "", "If-Match", "*"), 409, "plan_in_use");
    json(api("DELETE", plan + "/sources/" + source.sourceId(), ""), 204);
    assertRefused(api("DELETE", plan + "/sources/" + source.sourceId(), ""), 404, "not_found");
    json(api("DELETE", plan, "", "If-Match", "*"), 204);
    for (String path : List.of(plan, plan + "/versions/1", plan + "/violations")) {
      assertRefused(api("GET", path, ""), 404, "not_found");
    }
    assertRefused(api("PUT", plan + "/sources/" + source.sourceId(), ""), 404, "not_found");
    assertRefused(api("POST", plan + "/check", "{'events':[{}]}"), 404, "not_found");
  }

  @Test
  void allFaultsOfAPlanAreSaidAtOnceWithAPointerIntoTheSchema() {
    JsonNode problem =
        json(
            api(
                "POST",
                "/api/v1/tracking-plans",
                "{'events':[{'event':'A','schema':{'type':'strang',"
                    + "'properties':{'a':{'minimum':'x'}}}},{'type':'alias'},"
                    + "{'event':'B','schema':{'properties':{'x':{'$ref':'https://example.org'}}}}],"
                    + "'unplannedEvents':'omit'}"),
            400);
    assertThat(problem.at("/errors").valueStream().map(fault -> fault.at("/path").asString()))
        .contains(
            "name",
            "events[0].schema/type",
            "events[0].schema/properties/a/minimum",
            "events[1].type",
            "events[2].schema/properties/x/$ref",
            "unplannedEvents");
  }

  @Test
  void eachActionIsTakenReportedAndNotedInTheEvent() {
    Sender source = source();
    String plan =
        plan(
            ORDER.formatted("omit")
                + ",{'event':'Strict','schema':{'required':['a']},'onViolation':'quarantine'}"
                + ",{'type':'identify','schema':{'properties':{'age':{'type':'integer'}}}}",
            "quarantine");
    attach(plan, source);
    HttpResponse<String> answer =
        source.send(
            "{'type':'track','userId':'u','messageId':'%s-1','event':'Order','properties':{'total':1,'x':2}}"
                .formatted(source.sourceId()),
            "{'type':'track','userId':'u','event':'Order','properties':{'total':'1'}}",
            "{'type':'track','userId':'u','event':'Strict'}",
            "{'type':'track','userId':'u','event':'Odd'}",
            "{'type':'identify','userId':'u','traits':{'age':'old'}}",
            "{'type':'page','userId':'u'}");
    assertThat(answer.headers().firstValue("X-Tributary-Refused")).hasValue("2");
    assertThat(source.stored())
        .extracting(event -> event.at("/type").asString() + event.path("properties"))
        .containsExactlyInAnyOrder("track{\"total\":1}", "track{}", "identify", "page");
    assertThat(
            source.stored().stream()
                .filter(event -> event.at("/messageId").asString().endsWith("-1"))
                .map(event -> event.at("/trackingPlan").toString()))
        .containsExactly(
            "{\"id\":\"%s\",\"version\":1,\"omitted\":[\"properties.x\"]}"
                .formatted(plan.substring(plan.lastIndexOf('/') + 1)));
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(violations(plan))
                .containsOnlyKeys(
                    "Order properties.x additional_property",
                    "Order properties.total type",
                    "Strict properties.a required",
                    "Odd event unplanned_event",
                    "identify traits.age type"));
    JsonNode row = violation(plan, "Order properties.x additional_property");
    assertThat(row.at("/count").asLong()).isEqualTo(1);
    assertThat(row.at("/version").asLong()).isEqualTo(1);
    assertThat(row.at("/samples").toString())
        .isEqualTo("[{\"found\":\"number\",\"messageId\":\"%s-1\"}]".formatted(source.sourceId()));

    source.send("{'type':'track','userId':'u','event':'Order','properties':{'total':1,'x':2}}");
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(
                    violation(plan, "Order properties.x additional_property").at("/count").asLong())
                .isEqualTo(2));
  }

  @Test
  void aRefusedEventIsReplayedOnceThePlanAllowsIt() {
    Sender source = source();
    String plan = plan(ORDER.formatted("quarantine"), "allow");
    attach(plan, source);
    source.send("{'type':'track','userId':'u','event':'Order','properties':{'total':1,'n':2}}");
    List<JsonNode> entries = new ArrayList<>();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          entries.clear();
          json(
                  api(
                      "GET",
                      "/api/v1/quarantine?code=plan_additional_property&source="
                          + source.sourceId(),
                      ""),
                  200)
              .at("/data")
              .forEach(entries::add);
          assertThat(entries).hasSize(1);
        });
    assertThat(entries.getFirst().at("/reasons/0/path").asString()).isEqualTo("properties.n");
    String replay = "/api/v1/quarantine/" + entries.getFirst().at("/id").asString() + "/replay";
    assertRefused(api("POST", replay, ""), 422, "still_refused");
    assertThat(source.stored()).isEmpty();

    String wider =
        body(
            "wider " + UUID.randomUUID(),
            "{'event':'Order','schema':{'properties':{'n':{'type':'number'}}}}",
            "allow");
    json(api("PUT", plan, wider, "If-Match", "*"), 200);
    json(api("POST", replay, ""), 200);
    assertThat(source.stored())
        .singleElement()
        .satisfies(event -> assertThat(event.at("/trackingPlan/version").asLong()).isEqualTo(2));
  }

  /** As another instance does it: what stands in the database counts, without a word from us. */
  @Test
  void aCollectorLearnsByItselfWhichPlanASourceHas() {
    Sender source = source();
    String plan = plan(ORDER.formatted("quarantine"), "allow");
    jdbc.sql(
            """
            insert into ingestion.planned_source (workspace_id, source_id, plan_id, attached_at)
            select workspace_id, ?, plan_id, now() from ingestion.tracking_plan where plan_id = ?
            """)
        .param(source.sourceId())
        .param(plan.substring(plan.lastIndexOf('/') + 1))
        .update();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            source
                .send("{'type':'track','userId':'u','event':'Order'}")
                .headers()
                .firstValue("X-Tributary-Refused")
                .isPresent());
  }

  @Test
  void aSourceHasOnePlanAndOneOfAnotherWorkspaceNone() {
    Sender source = source();
    String one = plan("{'event':'A'}", "allow");
    String other = plan("{'event':'A'}", "allow");
    attach(one, source);
    attach(other, source);
    attach(other, source);
    assertThat(json(api("GET", one, ""), 200).at("/sources")).isEmpty();
    assertThat(json(api("GET", other, ""), 200).at("/sources")).hasSize(1);

    JsonNode workspace = json(api("POST", "/api/v1/workspaces", "{'name':'Other'}"), 201);
    String token = workspace.at("/token/secret").asString();
    JsonNode theirs =
        json(
            by(
                token,
                "POST",
                "/api/v1/tracking-plans",
                body("theirs", "{'event':'A'}", "quarantine")),
            201);
    String foreign = "/api/v1/tracking-plans/" + theirs.at("/id").asString();
    assertRefused(
        by(token, "PUT", foreign + "/sources/" + source.sourceId(), ""), 404, "not_found");
    assertRefused(by(token, "PUT", other + "/sources/" + source.sourceId(), ""), 404, "not_found");
    assertRefused(api("PUT", foreign + "/sources/" + source.sourceId(), ""), 404, "not_found");
    assertRefused(by(token, "GET", other + "/violations", ""), 404, "not_found");
    assertRefused(
        by(
            token,
            "POST",
            other + "/check",
            "{'events':[{'type':'track','userId':'u','event':'A'}]}"),
        404,
        "not_found");
  }

  @Test
  void whatRecipientsDoIsCheckedByNoPlan() {
    String plan = plan("{'event':'A'}", "quarantine");
    String internal =
        jdbc.sql(
                """
                select s.source_id from access.source s
                join ingestion.tracking_plan p on p.workspace_id = s.workspace_id
                where s.kind = 'tributary' and p.plan_id = ?
                """)
            .param(plan.substring(plan.lastIndexOf('/') + 1))
            .query(String.class)
            .single();
    assertRefused(api("PUT", plan + "/sources/" + internal, ""), 409, "internal_source");
  }

  @Test
  void eventsAreTriedByAVersionOrADraftAndNothingIsStored() {
    String plan = plan(ORDER.formatted("quarantine"), "allow");
    json(
        api(
            "PUT",
            plan,
            body("tried " + UUID.randomUUID(), ORDER.formatted("omit"), "allow"),
            "If-Match",
            "*"),
        200);
    String events =
        "'events':[{'type':'track','userId':'u','event':'Order','properties':{'total':1,'x':2}},"
            + "{'type':'track','event':'Order','properties':{'total':1}},7]";
    JsonNode latest = json(api("POST", plan + "/check", "{" + events + "}"), 200);
    assertThat(latest.at("/events/0/outcome").asString()).isEqualTo("accepted");
    assertThat(latest.at("/events/0/event/properties").toString()).isEqualTo("{\"total\":1}");
    assertThat(latest.at("/events/0/violations/0/path").asString()).isEqualTo("properties.x");
    assertThat(latest.at("/events/1/reasons/0/code").asString()).isEqualTo("no_user_anon_id");
    assertThat(latest.at("/events/2/reasons/0/code").asString()).isEqualTo("not_an_object");
    JsonNode first = json(api("POST", plan + "/check", "{'version':1," + events + "}"), 200);
    assertThat(first.at("/events/0/outcome").asString()).isEqualTo("refused");
    JsonNode draft =
        json(
            api(
                "POST",
                plan + "/check",
                "{'draft':{'events':[{'event':'Other'}],'unplannedEvents':'quarantine'},"
                    + events
                    + "}"),
            200);
    assertThat(draft.at("/events/0/reasons/0/code").asString()).isEqualTo("plan_unplanned_event");
    assertRefused(api("POST", plan + "/check", "{'version':9," + events + "}"), 404, "not_found");
    for (String wrong :
        List.of(
            "{}",
            "{'events':[]}",
            "{'version':1,'draft':{'events':[{'event':'A'}]},'events':[{}]}",
            "{'draft':{'events':[{}]},'events':[{}]}")) {
      assertRefused(api("POST", plan + "/check", wrong), 400, "invalid_request");
    }
    assertThat(violations(plan)).isEmpty();
    assertThat(
            TestKafka.committed(Topics.INGESTION_EVENTS).stream()
                .map(record -> CollectedEvent.decode(record.value()).sourceId()))
        .doesNotContain("src_trial");
  }

  @Test
  void ofOnePlanAThousandViolationsAreKeptThoseSeenLast() {
    Sender source = source();
    String plan = plan("{'event':'A'}", "allow");
    attach(plan, source);
    for (int batch = 0; batch < 3; batch++) {
      int from = batch * 400;
      source.send(
          IntStream.range(from, from + 400)
              .mapToObj(i -> "{'type':'track','userId':'u','event':'Odd " + i + "'}")
              .collect(Collectors.joining(",")));
      String last = "Odd " + (from + 399) + " event unplanned_event";
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> violations(plan).containsKey(last));
    }
    assertThat(violations(plan)).hasSize(1_000).containsKey("Odd 1199 event unplanned_event");
  }

  @Test
  void whatCantBeStoredIsKeptAndStoredLater() {
    Sender source = source();
    String plan = plan("{'event':'A'}", "allow");
    attach(plan, source);
    jdbc.sql("alter table ingestion.violation rename to violation_away").update();
    try {
      source.send("{'type':'track','userId':'u','event':'Odd'}");
      double before = failures();
      Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> failures() > before + 1);
    } finally {
      jdbc.sql("alter table ingestion.violation_away rename to violation").update();
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(violation(plan, "Odd event unplanned_event").at("/count").asLong())
                .isEqualTo(1));
  }

  private static double failures() {
    return service
        .part(MeterRegistry.class)
        .counter("tributary.collector.violations.delayed")
        .count();
  }

  @Test
  void aPlanIsLearnedFromASourcesEventsAndTakenAsItIs() {
    Sender source = source();
    for (int i = 0; i < 60; i++) {
      source.send(
          "{'type':'track','userId':'u','event':'Learned','properties':{'total':%d,'state':'%s'}}"
              .formatted(i, i % 2 == 0 ? "new" : "paid"));
    }
    source().send("{'type':'track','userId':'u','event':'Of another source'}");
    JsonNode learned =
        json(
            api(
                "POST",
                "/api/v1/tracking-plans/learn",
                "{'source':'"
                    + source.sourceId()
                    + "','name':'learned "
                    + UUID.randomUUID()
                    + "'}"),
            200);
    assertThat(learned.at("/examined").asInt()).isEqualTo(60);
    assertThat(learned.at("/from").asString()).isLessThan(learned.at("/to").asString());
    assertThat(learned.at("/plan/events")).hasSize(1);
    assertThat(learned.at("/plan/events/0/schema/properties/state/enum").toString())
        .isEqualTo(quoted("['new','paid']"));
    assertThat(learned.at("/fields/1/path").asString()).isEqualTo("properties.total");
    String body = learned.at("/plan").toString();
    JsonNode made = json(api("POST", "/api/v1/tracking-plans", body), 201);
    String plan = "/api/v1/tracking-plans/" + made.at("/id").asString();
    JsonNode check =
        json(
            api(
                "POST",
                plan + "/check",
                "{'events':[{'type':'track','userId':'u','event':'Learned','properties':"
                    + "{'total':'7','state':'paid'}}]}"),
            200);
    assertThat(check.at("/events/0/outcome").asString()).isEqualTo("accepted");
    assertThat(check.at("/events/0/violations/0/path").asString()).isEqualTo("properties.total");
  }

  @Test
  void withoutEventsThereIsNothingToLearn() {
    JsonNode learned =
        json(api("POST", "/api/v1/tracking-plans/learn", "{'source':'src_none'}"), 200);
    assertThat(learned.at("/examined").asInt()).isZero();
    assertThat(learned.at("/plan/events")).isEmpty();
    assertRefused(api("POST", "/api/v1/tracking-plans/learn", "{}"), 400, "invalid_request");
  }
}
