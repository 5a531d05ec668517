package io.tributary.ingestion.pull;

import static io.tributary.ingestion.collect.Running.answered;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.CollectedEvent;
import io.tributary.event.Json;
import io.tributary.event.Topics;
import io.tributary.ingestion.collect.Running;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestKafka;
import io.tributary.testing.TestPostgres;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A database of somebody else's, read as people who have one would want it. */
class PullsTest {
  private static final String PATH = "/api/v1/pulls";
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static TestDatabase own;
  private static TestDatabase shop;
  private static JdbcClient sql;
  private static Running service;

  @BeforeAll
  static void start() {
    TestKafka.forgetReaders();
    own = TestPostgres.freshDatabase();
    shop = TestPostgres.freshDatabase();
    sql = JdbcClient.create(shop.dataSource());
    Map<String, String> settings = new HashMap<>(own.properties());
    settings.put("TRIBUTARY_ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef");
    settings.put("TRIBUTARY_WEBHOOK_ALLOW_PRIVATE", address().getAuthority());
    service = new Running(settings, TestKafka.bootstrapServers());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static URI address() {
    return URI.create(shop.url().substring(5));
  }

  private static JsonNode call(String method, String path, String body, int status) {
    return answered(service.api(method, PATH + path, body), status);
  }

  private static String source(String name) {
    String body = "{\"name\": \"" + name + "\", \"kind\": \"database\"}";
    return answered(service.api("POST", "/api/v1/sources", body), 201).path("id").asString();
  }

  private static ObjectNode definition(String source, String query, String cursor, String mapping) {
    ObjectNode definition =
        Json.MAPPER
            .createObjectNode()
            .put("name", "Pull of " + source)
            .put("source", source)
            .put("query", query)
            .put("cursor", cursor)
            .put("everySeconds", 86_400);
    definition
        .putObject("postgres")
        .put("host", address().getHost())
        .put("port", address().getPort())
        .put("database", address().getPath().substring(1))
        .put("user", shop.user())
        .put("password", shop.password())
        .put("tls", "off");
    if (!mapping.isEmpty()) {
      definition.set("mapping", Json.MAPPER.readTree(mapping.replace('\'', '"')));
    }
    return definition;
  }

  private static String create(ObjectNode definition) {
    return call("POST", "", definition.toString(), 201).path("id").asString();
  }

  /** The pull once its turn has ended. */
  private static JsonNode turn(String id) {
    Awaitility.await("a turn of " + id)
        .atMost(LIMIT)
        .until(() -> call("GET", "/" + id, "", 200).at("/lastTurn/finishedAt").isString());
    return call("GET", "/" + id, "", 200);
  }

  private static JsonNode another(String id, String body) {
    Instant before = Instant.parse(turn(id).at("/lastTurn/startedAt").asString());
    call("POST", "/" + id + "/run", body, 202);
    Awaitility.await("another turn of " + id)
        .atMost(LIMIT)
        .until(() -> {
          JsonNode last = call("GET", "/" + id, "", 200).path("lastTurn");
          return last.path("finishedAt").isString()
              && Instant.parse(last.path("startedAt").asString()).isAfter(before);
        });
    return turn(id);
  }

  private static List<CollectedEvent> events(String source) {
    return TestKafka.committed(Topics.INGESTION_EVENTS).stream()
        .map(record -> CollectedEvent.decode(record.value()))
        .filter(event -> event.sourceId().equals(source))
        .toList();
  }

  private static long refused(String source) {
    return TestKafka.committed(Topics.INGESTION_REJECTED).stream()
        .filter(record ->
            new String(record.value(), java.nio.charset.StandardCharsets.UTF_8).contains(source))
        .count();
  }

  @Test
  void rowsBecomeEventsOnceAndChangedOnesAgain() {
    sql.sql(
            """
            create table customer (id int primary key, mail text, plan text, note text,
              updated_at timestamptz not null);
            insert into customer values (1, 'ann@shop.example', 'pro', null, '2026-11-01T10:00:00Z'),
              (2, 'bob@shop.example', 'free', 'it''s; fine', '2026-11-01T10:00:00.5Z')
            """)
        .update();
    String source = source("Customers");
    ObjectNode wanted =
        definition(
            source,
            "select * from customer -- all of them",
            "updated_at",
            "{'identify': {}, 'person': {'userId': ['/id'], 'email': ['/mail']}}");
    wanted.put("enabled", false);
    String id = create(wanted);
    JsonNode shown = call("POST", "/" + id + "/check", "", 200).path("rows");
    assertThat(shown.path(0).at("/call/traits/plan").asString()).isEqualTo("pro");
    assertThat(events(source)).as("a check takes nothing").isEmpty();
    assertThat(call("POST", "/" + id + "/run", "", 409).path("code").asString())
        .isEqualTo("wrong_state");

    wanted.remove("enabled");
    JsonNode stored = call("GET", "/" + id, "", 200);
    assertThat(stored.toString()).doesNotContain("\"password\"");
    answered(service.api("PUT", PATH + "/" + id, wanted.toString(), "If-Match", "\"0\""), 200);
    JsonNode first = turn(id);
    assertThat(first.path("caughtUp").asBoolean()).isTrue();
    assertThat(first.path("total").toString()).isEqualTo("{\"accepted\":2,\"refused\":0}");
    assertThat(events(source))
        .allSatisfy(event -> assertThat(event.historical()).isTrue())
        .extracting(event -> event.userId() + " " + event.timestamp())
        .containsExactlyInAnyOrder("1 2026-11-01T10:00:00Z", "2 2026-11-01T10:00:00.500Z");

    sql.sql(
            """
            update customer set plan = 'pro', updated_at = '2026-11-01T11:00:00Z' where id = 2;
            insert into customer values (3, 'cyd@shop.example', 'free', null, '2026-11-01T10:55:00Z')
            """)
        .update();
    JsonNode second = another(id, "");
    assertThat(second.at("/lastTurn/rows").toString()).isEqualTo("{\"accepted\":2,\"refused\":0}");
    // A transaction that began earlier and ended later.
    sql.sql(
            "insert into customer values (4, 'dot@shop.example', 'pro', null, '2026-11-01T10:50:30Z')")
        .update();
    JsonNode third = another(id, "");
    assertThat(third.at("/lastTurn/rows").toString()).isEqualTo("{\"accepted\":1,\"refused\":0}");
    assertThat(third.path("position").asString()).isEqualTo("2026-11-01 11:00:00+00");
    assertThat(events(source)).hasSize(5);
    assertThat(events(source).stream().filter(event -> !event.historical()))
        .extracting(event -> event.userId() + " " + event.timestamp())
        .containsExactlyInAnyOrder(
            "2 2026-11-01T11:00:00Z", "3 2026-11-01T10:55:00Z", "4 2026-11-01T10:50:30Z");
  }

  @Test
  void whatIsReadAgainHasTheSameMessageIds() {
    sql.sql(
            """
            create table sale (no serial, day date, total numeric, buyer text);
            insert into sale (day, total, buyer)
              select date '2026-01-01' + n / 7000, n / 100.0, 'buyer-' || n % 97
              from generate_series(1, 12000) n
            """)
        .update();
    String source = source("Sales");
    String id =
        create(
            definition(
                source,
                "select no, day, total, buyer from sale",
                "day",
                "{'track': 'Order Completed', 'id': ['/no'], 'person': {'userId': ['/buyer']}}"));
    JsonNode first = turn(id);
    assertThat(first.path("total").toString()).isEqualTo("{\"accepted\":12000,\"refused\":0}");
    assertThat(events(source).stream().map(CollectedEvent::messageId).distinct()).hasSize(12_000);
    assertThat(events(source).getFirst().timestamp().toString()).endsWith("T00:00:00Z");
    JsonNode again = another(id, "{\"fromBeginning\": true}");
    assertThat(again.at("/lastTurn/problem").isMissingNode()).as(again.toString()).isTrue();
    assertThat(events(source).stream().map(CollectedEvent::messageId).distinct()).hasSize(12_000);
  }

  @Test
  void wideRowsAndOddOnesAreReadPageByPage() {
    sql.sql(
            """
            create table page (q int, at timestamptz, note text);
            insert into page select n, timestamptz '2026-01-01Z', repeat('ж', 14000) from generate_series(1, 90) n;
            insert into page values (91, 'infinity', ''), (92, '9999-12-31Z', ''), (93, null, ''),
              (94, '2026-01-02Z', repeat('ж', 20000)), (95, '2026-01-03Z', 'last')
            """)
        .update();
    String source = source("Pages");
    String id =
        create(
            definition(
                source,
                "select * from page",
                "at",
                "{'track': 'Read', 'properties': {'n': '/q'}, 'person': {'userId': ['/q']}}"));
    JsonNode first = turn(id);
    assertThat(first.path("total").toString()).isEqualTo("{\"accepted\":91,\"refused\":1}");
    assertThat(first.path("position").asString()).isEqualTo("2026-01-03 00:00:00+00");
    JsonNode second = another(id, "");
    assertThat(second.path("total").toString()).isEqualTo("{\"accepted\":91,\"refused\":1}");
  }

  @Test
  void aPassThatWasCutGoesOnWhereItWasAndBackOnlyOnceItIsThrough() {
    sql.sql(
            """
            create table step (n int, who text);
            insert into step select n, 'u-' || n from generate_series(1, 3000) n
            """)
        .update();
    String source = source("Steps");
    ObjectNode wanted =
        definition(
            source, "select * from step", "n", "{'track': 'Step', 'person': {'userId': ['/who']}}");
    wanted.put("overlap", 1_000_000);
    String id = create(wanted);
    turn(id);
    PullStore store = service.part(PullStore.class);
    String workspace = workspace(id);
    Pull through = store.find(workspace, id).orElseThrow();
    assertThat(Start.of(through, 7, Instant.now()))
        .isEqualTo(new Start.At("3000", 7, through.passSeconds(), null));
    Pull mine = claimed(store, id);
    assertThat(store.advance(mine, new PullStore.Progress("1500", 42, 0, 0, null), Instant.now()))
        .isTrue();
    store.fail(mine, "no_answer", Instant.now().plus(Duration.ofDays(1)), Instant.now());
    Pull cut = store.find(workspace, id).orElseThrow();
    assertThat(Start.of(cut, 7, Instant.now())).isEqualTo(new Start.Behind("1500", 42));
    assertThat(another(id, "").path("position").asString()).isEqualTo("3000");
    Pull paused = store.find(workspace, id).orElseThrow();
    assertThat(Start.of(paused, 7, Instant.now().plus(Duration.ofDays(8))))
        .as("message ids aren't remembered for good")
        .isInstanceOf(Start.Behind.class);
    for (int week = 1; week <= 2; week++) {
      mine = claimed(store, id);
      store.finish(mine, Duration.ofDays(1), Instant.now().plus(Duration.ofDays(8L * week)));
    }
    Pull settled = store.find(workspace, id).orElseThrow();
    assertThat(settled.floor()).isEqualTo(new Start.Behind("3000", settled.positionHash()));
    sql.sql("insert into step values (2999, 'late for weeks'), (3001, 'new')").update();
    JsonNode last = another(id, "");
    assertThat(last.at("/lastTurn/rows").toString())
        .as("not what was settled, and all that is new")
        .isEqualTo("{\"accepted\":1,\"refused\":0}");
  }

  @Test
  void aTurnEndsForOthersAndItsPassGoesOn() {
    sql.sql("create table wave (n int, who text); insert into wave values (1, 'w-1'), (2, 'w-2')")
        .update();
    String source = source("Waves");
    String id =
        create(
            definition(
                source,
                "select * from wave",
                "n",
                "{'track': 'Wave', 'properties': {}, 'person': {'userId': ['/who']}}"));
    turn(id);
    PullStore store = service.part(PullStore.class);
    Pull mine = claimed(store, id);
    Instant now = Instant.now();
    assertThat(store.advance(mine, new PullStore.Progress("1", Long.MAX_VALUE, 0, 0, null), now))
        .isTrue();
    store.giveWay(mine, now);
    Awaitility.await()
        .atMost(LIMIT)
        .until(() -> call("GET", "/" + id, "", 200).path("position").asString().equals("2"));
  }

  @Test
  void whatBecomesTheSameAgainIsNotTheSame() {
    sql.sql("create table card (n serial, who text, card text)").update();
    sql.sql("insert into card (who, card) values ('gil', 'gold'), ('gil', 'none'), ('gil', 'gold')")
        .update();
    String source = source("Cards");
    create(
        definition(
            source,
            "select * from card",
            "n",
            "{'identify': {'card': '/card'}, 'person': {'userId': ['/who']}}"));
    Awaitility.await().atMost(LIMIT).until(() -> events(source).size() == 3);
    assertThat(events(source).stream().map(CollectedEvent::messageId).distinct()).hasSize(3);
  }

  @Test
  void aTimeAheadOfTheClockHidesNothing() {
    sql.sql(
            """
            create table clock (who text, at timestamptz);
            insert into clock values ('early', now() + interval '20 hours')
            """)
        .update();
    String source = source("Clocks");
    ObjectNode wanted =
        definition(
            source,
            "select * from clock",
            "at",
            "{'track': 'Tick', 'person': {'userId': ['/who']}}");
    String id = create(wanted);
    turn(id);
    sql.sql("insert into clock values ('now', now())").update();
    assertThat(another(id, "").at("/lastTurn/rows").toString())
        .isEqualTo("{\"accepted\":1,\"refused\":0}");
    answered(
        service.api(
            "PATCH", "/api/v1/sources/" + source, "{\"enabled\": false}", "If-Match", "\"0\""),
        200);
    assertThat(another(id, "").at("/lastTurn/problem").asString()).isEqualTo("source_off");
  }

  @Test
  void anotherProcessReadsTheSameMessages() {
    sql.sql(
            """
            create table visit (n bigint, who text);
            insert into visit select n, 'v-' || n from generate_series(1, 500) n;
            insert into visit values (501, null)
            """)
        .update();
    String source = source("Visits");
    ObjectNode wanted =
        definition(
            source,
            "select * from visit",
            "n",
            "{'track': 'Visit', 'person': {'userId': ['/who']}}");
    String id = create(wanted);
    assertThat(turn(id).path("total").toString()).isEqualTo("{\"accepted\":500,\"refused\":1}");
    sql.sql("insert into visit values (502, 'v-502')").update();
    // Nothing of what this process remembers.
    wanted.put("everySeconds", 86_399);
    answered(service.api("PUT", PATH + "/" + id, wanted.toString(), "If-Match", "\"0\""), 200);
    Awaitility.await().atMost(LIMIT).until(() -> events(source).size() == 1_001);
    assertThat(events(source).stream().map(CollectedEvent::messageId).distinct()).hasSize(501);
  }

  private static String workspace(String id) {
    return JdbcClient.create(own.dataSource())
        .sql("select workspace_id from ingestion.pull where pull_id = :id")
        .param("id", id)
        .query(String.class)
        .single();
  }

  /** Takes a pull as another process would, whatever the service's own workers do meanwhile. */
  private static Pull claimed(PullStore store, String id) {
    return Awaitility.await()
        .atMost(LIMIT)
        .until(
            () -> {
              JdbcClient.create(own.dataSource())
                  .sql(
                      "update ingestion.pull set next_at = now() - interval '1 year' where pull_id = :id")
                  .param("id", id)
                  .update();
              return store.claim("other", Instant.now());
            },
            Optional::isPresent)
        .orElseThrow();
  }

  @Test
  void rowsThatAreNoEventsGoToQuarantineOnce() {
    sql.sql(
            """
            create table entry (n bigint, type text, "userId" text, event text, big text);
            insert into entry values (1, 'track', 'u-1', 'Seen', ''), (2, 'tracked', 'u-2', 'Seen', ''),
              (3, 'track', null, 'Seen', ''), (4, 'track', 'u-4', 'Seen', repeat('x', 40000)),
              (null, 'track', 'u-5', 'Seen', '')
            """)
        .update();
    String source = source("Entries");
    String id = create(definition(source, "select * from entry", "n", ""));
    JsonNode first = turn(id);
    assertThat(first.path("total").toString()).isEqualTo("{\"accepted\":1,\"refused\":3}");
    assertThat(first.at("/lastTurn/reasons/0/code").asString()).isEqualTo("event_too_large");
    assertThat(refused(source)).isEqualTo(2);
    another(id, "");
    assertThat(refused(source)).as("read again, as the overlap wants it").isEqualTo(2);
    assertThat(call("GET", "/" + id, "", 200).path("total")).isEqualTo(first.path("total"));
    assertThat(events(source)).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "select * from nowhere | n | sql_42P01",
        "select 1 as m | n | cursor_missing",
        "select 'a' as n | n | cursor_type",
        "select 1 as n, 2 as n | n | column_twice",
        "delete from pg_class returning 1 as n | n | sql_42601",
        "select nextval('counter') as n | n | sql_25006",
        "select 1/0 as n | n | sql_22012",
      })
  void whatCantBeReadIsTold(String query, String cursor, String problem) {
    sql.sql("create sequence if not exists counter").update();
    String source = source("Broken " + query);
    String id = create(definition(source, query, cursor, ""));
    assertThat(turn(id).at("/lastTurn/problem").asString()).isEqualTo(problem);
    assertThat(call("POST", "/" + id + "/check", "", 409).path("code").asString())
        .isEqualTo(problem);
    assertThat(Instant.parse(turn(id).path("nextAt").asString())).isAfter(Instant.now());
  }

  @Test
  void whoMayNotBeReachedIsNotReached() {
    String source = source("Others");
    ObjectNode wrong = definition(source, "select 1 as n", "n", "");
    ObjectNode postgres = (ObjectNode) wrong.path("postgres");
    postgres.put("password", "wrong");
    String id = create(wrong);
    assertThat(turn(id).at("/lastTurn/problem").asString()).isEqualTo("sql_28P01");
    postgres.put("host", "127.0.0.1").put("port", 5_432).remove("tls");
    postgres.remove("password");
    assertThat(
            faults(
                service.api("PUT", PATH + "/" + id, wrong.toString(), "If-Match", "\"0\"").body()))
        .containsExactly("postgres.password");
    postgres.put("password", "wrong");
    answered(service.api("PUT", PATH + "/" + id, wrong.toString(), "If-Match", "\"0\""), 200);
    Awaitility.await("the turn after the change")
        .atMost(LIMIT)
        .until(() -> turn(id).at("/lastTurn/problem").asString().equals("address_not_allowed"));
    answered(service.api("DELETE", PATH + "/" + id, ""), 204);
    call("GET", "/" + id, "", 404);
  }

  @Test
  void allThatIsWrongIsToldAtOnce() {
    String body =
        """
        {"name": "", "source": "src_x", "query": "select 1; drop table x", "everySeconds": 1, "overlap": -1,
         "mapping": {"track": 3}, "postgres": {"host": "http://x", "tls": "off", "user": ""}}
        """;
    assertThat(faults(service.api("POST", PATH, body).body()))
        .contains(
            "name",
            "query",
            "cursor",
            "everySeconds",
            "overlap",
            "mapping.track",
            "postgres.host",
            "postgres.tls",
            "postgres.user",
            "postgres.database",
            "postgres.password");
    String file =
        answered(
                service.api("POST", "/api/v1/sources", "{\"name\": \"No DB\", \"kind\": \"file\"}"),
                201)
            .path("id")
            .asString();
    assertThat(
            faults(
                service
                    .api("POST", PATH, definition(file, "select 1 as n", "n", "").toString())
                    .body()))
        .containsExactly("source");
  }

  private static List<String> faults(String problem) {
    return Json.MAPPER
        .readTree(problem)
        .path("errors")
        .valueStream()
        .map(error -> error.path("path").asString())
        .toList();
  }

  @Test
  void whoeverLostAPullWritesNothingOfIt() {
    String source = source("Two workers");
    ObjectNode wanted = definition(source, "select 1 as n", "n", "");
    String id = create(wanted);
    turn(id);
    PullStore store = service.part(PullStore.class);
    Instant now = Instant.now();
    Pull mine = claimed(store, id);
    assertThat(mine.id()).isEqualTo(id);
    call("POST", "/" + id + "/run", "{\"fromBeginning\": true}", 202);
    PullStore.Progress progress = new PullStore.Progress("7", 7, 1, 0, null);
    assertThat(store.advance(mine, progress, now)).isFalse();
    store.fail(mine, "late", now, now);
    store.finish(mine, Duration.ofDays(1), now);
    assertThat(another(id, "").at("/lastTurn/problem").isMissingNode()).isTrue();
    assertThat(call("GET", "/" + id, "", 200).path("position").asString()).isEqualTo("1");
  }
}
