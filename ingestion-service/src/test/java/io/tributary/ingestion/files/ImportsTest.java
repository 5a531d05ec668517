package io.tributary.ingestion.files;

import static io.tributary.ingestion.collect.Running.answered;
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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Files go in as a person at the other end does it: described, uploaded, checked, started. */
class ImportsTest {
  private static final String PATH = "/api/v1/imports";
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String PEOPLE =
      """
      id,mail,plan,since
      1,jo@example.org,pro,02.01.2024
      2,,free,03.01.2024
      3,al@example.org,pro,when?
      4,li@example.org,"free, for now",04.01.2024
      5,too,many,fields,here
      """;
  private static final String MAPPING =
      """
      {"identify": {"plan": "/plan"}, "time": "/since", "timeFormat": "dd.MM.yyyy",
       "person": {"userId": ["/id"], "email": ["/mail"]}}
      """;
  private static TestDatabase database;
  private static Running service;

  @BeforeAll
  static void start() {
    TestKafka.forgetReaders();
    database = TestPostgres.freshDatabase();
    service = new Running(database, TestKafka.bootstrapServers());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static JsonNode call(String method, String path, String body, int status) {
    return answered(service.api(method, PATH + path, body), status);
  }

  private static String source(String name) {
    String body = "{\"name\": \"" + name + "\", \"kind\": \"file\"}";
    return answered(service.api("POST", "/api/v1/sources", body), 201).path("id").asString();
  }

  private static ObjectNode definition(String source, String type, String mapping) {
    ObjectNode definition =
        Json.MAPPER.createObjectNode().put("name", "Import").put("source", source);
    definition.putObject("format").put("type", type);
    if (!mapping.isEmpty()) {
      definition.set("mapping", Json.MAPPER.readTree(mapping));
    }
    return definition;
  }

  private static String create(ObjectNode definition) {
    return call("POST", "", definition.toString(), 201).path("id").asString();
  }

  private static HttpResponse<String> upload(String id, int number, byte[] bytes) {
    return service.send(
        HttpRequest.newBuilder(service.internal(PATH + "/" + id + "/parts/" + number))
            .header("Authorization", "Bearer " + service.token)
            .PUT(BodyPublishers.ofByteArray(bytes)));
  }

  private static void upload(String id, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int size = 1 << 20;
    for (int from = 0; from < bytes.length; from += size) {
      answered(
          upload(
              id,
              from / size + 1,
              Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + size))),
          204);
    }
  }

  private static JsonNode await(String id, String state) {
    Awaitility.await(state)
        .atMost(LIMIT)
        .until(() -> {
          String now = call("GET", "/" + id, "", 200).path("state").asString();
          return now.equals(state) || now.equals("failed");
        });
    JsonNode found = call("GET", "/" + id, "", 200);
    assertThat(found.path("state").asString()).as(found.toString()).isEqualTo(state);
    return found;
  }

  private static JsonNode check(String id) {
    call("POST", "/" + id + "/check", "", 202);
    return await(id, "checked");
  }

  private static JsonNode run(String id) {
    call("POST", "/" + id + "/start", "", 202);
    return await(id, "done");
  }

  private static List<CollectedEvent> events(String source) {
    return TestKafka.committed(Topics.INGESTION_EVENTS).stream()
        .map(record -> CollectedEvent.decode(record.value()))
        .filter(event -> event.sourceId().equals(source))
        .toList();
  }

  private static long refusedEvents() {
    return TestKafka.committed(Topics.INGESTION_REJECTED).size();
  }

  @Test
  void aFileIsTriedThenTakenInAndWhatIsRefusedCanBeFetched() {
    String source = source("CRM");
    long before = refusedEvents();
    String id = create(definition(source, "csv", MAPPING));
    upload(id, PEOPLE);
    JsonNode checked = check(id);
    assertThat(checked.path("rows").toString())
        .isEqualTo("{\"read\":5,\"accepted\":3,\"refused\":2}");
    assertThat(events(source)).as("a check takes nothing").isEmpty();
    JsonNode preview = call("GET", "/" + id + "/preview", "", 200).path("rows");
    assertThat(preview.path(0).at("/call/context/traits/email").asString())
        .isEqualTo("jo@example.org");
    assertThat(preview.path(2).at("/reasons/0/code").asString()).isEqualTo("invalid_time");

    JsonNode done = run(id);
    assertThat(done.path("rows")).isEqualTo(checked.path("rows"));
    assertThat(events(source))
        .hasSize(3)
        .allSatisfy(event -> assertThat(event.historical()).isTrue())
        .extracting(event -> event.userId() + " " + event.timestamp())
        .containsExactlyInAnyOrder(
            "1 2024-01-02T00:00:00Z", "2 2024-01-03T00:00:00Z", "4 2024-01-04T00:00:00Z");
    assertThat(refusedEvents()).as("refused rows stay with their import").isEqualTo(before);

    String lines = service.api("GET", PATH + "/" + id + "/refusals", "").body();
    assertThat(lines.lines().map(line -> Json.MAPPER.readTree(line).path("line").asInt()))
        .containsExactly(4, 6);
    assertThat(lines).contains("3,al@example.org,pro,when?", "wrong_field_count");
    String csv = service.api("GET", PATH + "/" + id + "/refusals?format=csv", "").body();
    assertThat(csv).contains("line,codes,reasons,row\r\n4,invalid_time,");
    call("DELETE", "/" + id, "", 204);
    call("GET", "/" + id, "", 404);
  }

  @Test
  void theSameFileTwiceIsTheSameEventsAndIsNoticed() {
    String source = source("Twice");
    for (int i = 0; i < 2; i++) {
      String id = create(definition(source, "csv", MAPPING));
      upload(id, PEOPLE);
      check(id);
      if (i == 1) {
        assertThat(call("POST", "/" + id + "/start", "", 409).path("code").asString())
            .isEqualTo("imported_before");
        call("POST", "/" + id + "/start", "{\"again\": true}", 202);
        await(id, "done");
      } else {
        run(id);
      }
    }
    assertThat(events(source)).hasSize(6);
    assertThat(events(source).stream().map(CollectedEvent::messageId).distinct()).hasSize(3);
  }

  @Test
  void aMappingCanBeMendedWithoutTheFileComingAgain() {
    String source = source("Mended");
    String wrong = MAPPING.replace("dd.MM.yyyy", "MM/dd/yyyy");
    HttpResponse<String> made =
        service.api("POST", PATH, definition(source, "csv", wrong).toString());
    String id = answered(made, 201).path("id").asString();
    upload(id, PEOPLE);
    assertThat(check(id).at("/rows/accepted").asInt()).isZero();
    String etag = made.headers().firstValue("ETag").orElseThrow();
    String mended = definition(source, "csv", MAPPING).toString();
    answered(service.api("PUT", PATH + "/" + id, mended, "If-Match", "\"9\""), 412);
    answered(service.api("PUT", PATH + "/" + id, mended, "If-Match", etag), 200);
    assertThat(call("POST", "/" + id + "/start", "", 409).path("code").asString())
        .isEqualTo("wrong_state");
    assertThat(check(id).at("/rows/accepted").asInt()).isEqualTo(3);
  }

  @Test
  void aFileThatCannotBeReadSaysWhere() {
    String id = create(definition(source("Broken"), "csv", MAPPING));
    upload(id, "id,mail,id\n1,2,3\n");
    call("POST", "/" + id + "/check", "", 202);
    JsonNode failed = await(id, "failed");
    assertThat(failed.path("problem").asString()).contains("Columns 1 and 3");
    call("POST", "/" + id + "/cancel", "", 200);
  }

  @Test
  void anImportThatFailsByAFaultOfOursHoldsUpNoOther() {
    JdbcClient sql = JdbcClient.create(database.dataSource());
    for (int i = 0; i < 3; i++) {
      sql.sql(
              """
              insert into ingestion.file_import
                (import_id, workspace_id, source_id, name, definition, state, created_at, changed_at)
              values (:id, 'ws_elsewhere', 'src_1', 'n', 'no definition', 'checking', now(), now())
              """)
          .param("id", "imp_broken" + i)
          .update();
    }
    String id = create(definition(source("Behind"), "csv", MAPPING));
    upload(id, PEOPLE);
    assertThat(check(id).at("/rows/accepted").asInt()).isEqualTo(3);
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(
                    sql.sql(
                            "select state from ingestion.file_import where workspace_id = 'ws_elsewhere'")
                        .query(String.class)
                        .list())
                .containsOnly("failed"));
  }

  @Test
  void eachStepSaysWhatIsMissing() {
    String id = create(definition(source("Steps"), "ndjson", ""));
    assertThat(call("POST", "/" + id + "/check", "", 409).path("code").asString())
        .isEqualTo("parts_missing");
    answered(upload(id, 2, "{}\n".getBytes(StandardCharsets.UTF_8)), 204);
    assertThat(call("POST", "/" + id + "/check", "", 409).path("detail").asString())
        .contains("Of 2 parts only 1");
    assertThat(answered(upload(id, 1, new byte[0]), 400).path("code").asString())
        .isEqualTo("empty_part");
    answered(upload(id, 0, new byte[1]), 400);
    answered(upload(id, 4_097, new byte[1]), 400);
    answered(upload(id, 1, new byte[(1 << 20) + 1]), 413);
    answered(upload("imp_none", 1, new byte[1]), 404);
    call("POST", "/" + id + "/start", "", 409);
    call("POST", "/" + id + "/cancel", "", 200);
    answered(upload(id, 1, new byte[1]), 409);
    assertThat(
            call("POST", "", definition("src_none", "csv", MAPPING).toString(), 400)
                .at("/errors/0/path")
                .asString())
        .isEqualTo("source");
    assertThat(call("POST", "", "{\"format\": {\"type\": \"xls\"}}", 400).path("errors"))
        .hasSizeGreaterThan(2);
  }

  /** Takes an import away from who works on it, again and again, as deaths of processes would. */
  @Test
  void whoeverGoesOnWithAnImportLosesNothing() {
    long seed = Long.getLong("tributary.seed", System.nanoTime());
    System.out.println("imports seed=" + seed);
    Random random = new Random(seed);
    int rows = 30_000;
    String source = source("Interrupted");
    String id =
        create(
            definition(source, "csv", "{\"track\": \"Order\", \"person\": {\"userId\": [\"/id\"]}}")
                .put("rowsPerSecond", 6_000));
    upload(
        id,
        "id,order,bad\n"
            + IntStream.range(0, rows)
                .mapToObj(i -> i % 500 + "," + i + (i % 1_000 == 7 ? "" : ",x"))
                .collect(Collectors.joining("\n")));
    check(id);
    call("POST", "/" + id + "/start", "", 202);
    JdbcClient sql = JdbcClient.create(database.dataSource());
    try (Running _ = Running.beside(service, database.properties(), TestKafka.bootstrapServers())) {
      for (int i = 0; i < 6; i++) {
        long wanted = (i * 3L + random.nextInt(3)) * 1_000;
        Awaitility.await()
            .atMost(LIMIT)
            .until(() ->
                sql.sql("select rows_read from ingestion.file_import where import_id = :id")
                        .param("id", id)
                        .query(Long.class)
                        .single()
                    >= wanted);
        sql.sql(
                """
                update ingestion.file_import set epoch = epoch + 1, lease_until = null
                where import_id = :id and state = 'running'
                """)
            .param("id", id)
            .update();
      }
      JsonNode done = await(id, "done");
      assertThat(done.path("rows").toString())
          .as("seed %s", seed)
          .isEqualTo("{\"read\":30000,\"accepted\":29970,\"refused\":30}");
    }
    List<CollectedEvent> events = events(source);
    Map<String, Long> byOrder =
        events.stream()
            .collect(
                Collectors.groupingBy(
                    event ->
                        Json.MAPPER
                            .readTree(String.valueOf(event.properties()))
                            .path("order")
                            .asString(),
                    Collectors.counting()));
    assertThat(byOrder).as("seed %s", seed).hasSize(29_970);
    assertThat(events.stream().map(CollectedEvent::messageId).distinct())
        .as("what came twice came under the same id, seed %s", seed)
        .hasSize(29_970);
    assertThat(service.api("GET", PATH + "/" + id + "/refusals", "").body().lines().distinct())
        .hasSize(30);
  }

  @Test
  void anImportThatIsCancelledStopsAndForgetsItsFile() {
    String source = source("Cancelled");
    ObjectNode slow =
        definition(source, "ndjson", "").put("rowsPerSecond", 50).put("historical", false);
    String id = create(slow);
    upload(
        id,
        IntStream.range(0, 1_000)
            .mapToObj(i -> "{\"type\":\"page\",\"userId\":\"u\",\"messageId\":\"c-" + i + "\"}")
            .collect(Collectors.joining("\n")));
    call("POST", "/" + id + "/check", "", 202);
    Awaitility.await()
        .atMost(LIMIT)
        .until(() -> call("GET", "/" + id, "", 200).at("/rows/read").asInt() > 0);
    JsonNode going = call("GET", "/" + id, "", 200);
    assertThat(going.path("secondsLeft").isNumber()).as(going.toString()).isTrue();
    assertThat(call("DELETE", "/" + id, "", 409).path("code").asString()).isEqualTo("wrong_state");
    call("POST", "/" + id + "/cancel", "", 200);
    assertThat(
            JdbcClient.create(database.dataSource())
                .sql("select count(*) from ingestion.file_part where import_id = :id")
                .param("id", id)
                .query(Long.class)
                .single())
        .isZero();
    assertThat(call("GET", "/" + id, "", 200).path("state").asString()).isEqualTo("cancelled");
  }

  @Test
  void aWorkspaceHasAFewImportsAtATimeAndSeesNoOthers() {
    JsonNode other =
        answered(
            service.api("POST", "/api/v1/workspaces", "{\"name\": \"Imports elsewhere\"}"), 201);
    String token = other.at("/token/secret").asString();
    String sourceBody = "{\"name\": \"Files\", \"kind\": \"file\"}";
    String source =
        answered(service.by(token, "POST", "/api/v1/sources", sourceBody), 201)
            .path("id")
            .asString();
    String wanted = definition(source, "ndjson", "").toString();
    String id = "";
    for (int i = 0; i < ImportStore.MAX_UNENDED; i++) {
      id = answered(service.by(token, "POST", PATH, wanted), 201).path("id").asString();
    }
    assertThat(answered(service.by(token, "POST", PATH, wanted), 409).path("code").asString())
        .isEqualTo("too_many_imports");
    for (String path : List.of("", "/preview", "/refusals")) {
      call("GET", "/" + id + path, "", 404);
    }
    for (String action : List.of("check", "start", "cancel")) {
      call("POST", "/" + id + "/" + action, "", 404);
    }
    answered(upload(id, 1, new byte[1]), 404);
    call("DELETE", "/" + id, "", 404);
    String foreign = definition(source, "csv", MAPPING).toString();
    assertThat(call("POST", "", foreign, 400).at("/errors/0/path").asString()).isEqualTo("source");
    JsonNode page = answered(service.by(token, "GET", PATH + "?limit=15", ""), 200);
    assertThat(page.path("data")).hasSize(15);
    JsonNode rest =
        answered(
            service.by(
                token, "GET", PATH + "?limit=15&cursor=" + page.path("nextCursor").asString(), ""),
            200);
    assertThat(rest.path("data")).hasSize(5);
  }
}
