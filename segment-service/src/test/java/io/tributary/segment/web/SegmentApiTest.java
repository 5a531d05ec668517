package io.tributary.segment.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.event.CollectedEvent;
import io.tributary.event.ProfileChange.ProfileEvent;
import io.tributary.event.ProfileId;
import io.tributary.event.SegmentChange;
import io.tributary.event.Topics;
import io.tributary.segment.RunningService;
import io.tributary.segment.RunningService.Answer;
import io.tributary.stream.PositionToken;
import io.tributary.testing.TestKafka;
import io.tributary.web.Visibility;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SegmentApiTest {
  private static final String SEGMENTS = "/api/v1/segments";
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  @SuppressWarnings("NullAway.Init")
  private static RunningService service;

  private final String workspace = "ws_api_" + NUMBERS.incrementAndGet();

  @BeforeAll
  static void start() {
    service = new RunningService();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private String token() {
    return service.token(workspace, "*");
  }

  private static String trait(String name, String country) {
    return """
    {"name":"%s","condition":{"type":"trait","trait":"country","operator":"equals","value":"%s"}}
    """
        .formatted(name, country);
  }

  private ProfileId person(String traits) throws Exception {
    ProfileId id = ProfileId.create();
    service
        .sql
        .sql("insert into profile.home values (?, ?, ?, ?::jsonb, 1)")
        .params(workspace, id.uuid(), id.uuid(), traits)
        .update();
    String messageId = "m" + NUMBERS.incrementAndGet();
    String now = Instant.now().toString();
    String event =
        """
        {"workspaceId":"%s","sourceId":"src_1","type":"identify","messageId":"%s","timestamp":"%s",
         "receivedAt":"%s","traits":%s}
        """
            .formatted(workspace, messageId, now, now, traits);
    service.emit(
        new ProfileEvent(
            id,
            id,
            1,
            List.of("country"),
            CollectedEvent.decode(event.getBytes(StandardCharsets.UTF_8))));
    return id;
  }

  private String ready(String token, String body) {
    Answer made = service.call(token, "POST", SEGMENTS, body);
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    String id = made.at("/id");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> service.call(token, "GET", SEGMENTS + "/" + id, "").at("/state").equals("ready"));
    return id;
  }

  @Test
  void aPostedChangeBecomesAMembershipAChangeRecordAndHistory() throws Exception {
    String token = token();
    ProfileId before = person("{\"country\":\"DE\",\"name\":\"=1+1\"}");
    String id = ready(token, trait("Germans", "DE"));
    ProfileId after = person("{\"country\":\"DE\",\"name\":\"Ann, B\"}");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            service
                .call(token, "GET", SEGMENTS + "/" + id + "/count", "")
                .at("/count")
                .equals("2"));
    Answer read = service.call(token, "GET", SEGMENTS + "/" + id, "");
    assertThat(read.at("/conditionText")).isEqualTo("country equals “DE”");
    assertThat(read.at("/count")).isEqualTo("2");
    Answer page = service.call(token, "GET", SEGMENTS + "/" + id + "/members?limit=1", "");
    assertThat(page.at("/data/0/profileId")).isEqualTo(before.toString());
    Answer next =
        service.call(
            token,
            "GET",
            SEGMENTS + "/" + id + "/members?limit=1&cursor=" + page.at("/nextCursor"),
            "");
    assertThat(next.at("/data/0/profileId")).isEqualTo(after.toString());
    assertThat(next.json().has("nextCursor") && !next.json().get("nextCursor").isNull()).isFalse();
    Answer history = service.call(token, "GET", SEGMENTS + "/" + id + "/history", "");
    assertThat(history.json().at("/data").size()).isEqualTo(2);
    assertThat(history.text()).contains("\"definition\"", "\"event\"", "\"entered\"");
    Answer csv =
        service.call(
            token, "GET", SEGMENTS + "/" + id + "/export?format=csv&traits=name,country", "");
    assertThat(csv.text().lines())
        .hasSize(3)
        .anyMatch(line -> line.startsWith(before + ",") && line.endsWith(",'=1+1,DE"))
        .anyMatch(line -> line.startsWith(after + ",") && line.endsWith(",\"Ann, B\",DE"));
    Answer lines = service.call(token, "GET", SEGMENTS + "/" + id + "/export?traits=name", "");
    assertThat(lines.text().lines())
        .hasSize(2)
        .allMatch(line -> line.contains("\"traits\":{\"name\""));
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() ->
            TestKafka.committed(Topics.SEGMENT_CHANGES).stream()
                    .map(record -> SegmentChange.decode(record.value()))
                    .filter(change -> change.segmentId().equals(id))
                    .count()
                == 2);
    Answer verify = service.call(token, "POST", SEGMENTS + "/" + id + "/verify", "{}");
    assertThat(verify.at("/matching")).isEqualTo("2");
    assertThat(verify.at("/missing") + verify.at("/extra")).isEqualTo("00");
    Answer own = service.call(token, "GET", "/api/v1/profiles/" + after + "/segments", "");
    assertThat(own.at("/data/0/segmentId")).isEqualTo(id);
    assertThat(own.at("/data/0/explanation/matches")).isEqualTo("true");
    assertThat(own.at("/data/0/explanation/actual")).contains("DE");
  }

  @Test
  void aPreviewCountsWithoutKeepingAnything() throws Exception {
    String token = token();
    ProfileId ann = person("{\"country\":\"IT\"}");
    Answer preview =
        service.call(
            token,
            "POST",
            SEGMENTS + "/preview",
            "{\"condition\":{\"type\":\"trait\",\"trait\":\"country\",\"operator\":\"equals\",\"value\":\"IT\"}}");
    assertThat(preview.status()).as(preview.text()).isEqualTo(200);
    assertThat(preview.at("/count")).isEqualTo("1");
    assertThat(preview.at("/sample/0")).isEqualTo(ann.toString());
    assertThat(service.call(token, "GET", SEGMENTS, "").json().at("/data").size()).isZero();
  }

  @Test
  void allThatIsWrongWithADefinitionIsSaidAtOnce() {
    Answer refused =
        service.call(
            token(),
            "POST",
            SEGMENTS,
            """
            {"name":" ","condition":{"type":"and","conditions":[
              {"type":"trait","operator":"equals","value":"x"},{"type":"nonsense"}]}}
            """);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text())
        .contains("\"name\"", "condition.conditions[0]", "condition.conditions[1]");
  }

  @Test
  void anUnknownSegmentAndACircleAreRefused() {
    String token = token();
    String of =
        "{\"name\":\"%s\",\"condition\":{\"type\":\"segment\",\"segmentId\":\"%s\",\"member\":true}}";
    Answer unknown = service.call(token, "POST", SEGMENTS, of.formatted("a", "seg_none"));
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(unknown.text()).contains("unknown_segment", "seg_none");
    String first = ready(token, trait("First", "DE"));
    String second = ready(token, of.formatted("Second", first));
    String etag = service.call(token, "GET", SEGMENTS + "/" + first, "").etag();
    Answer circle =
        service.call(
            token, "PUT", SEGMENTS + "/" + first, of.formatted("First", second), "If-Match", etag);
    assertThat(circle.status()).isEqualTo(400);
    assertThat(circle.text()).contains("segment_cycle", first + " → " + second + " → " + first);
    Answer used = service.call(token, "DELETE", SEGMENTS + "/" + first, "", "If-Match", etag);
    assertThat(used.status()).isEqualTo(409);
    assertThat(used.text()).contains("segment_in_use", second);
  }

  @Test
  void aChangeNeedsTheVersionThatWasRead() throws Exception {
    String token = token();
    ProfileId french = person("{\"country\":\"FR\"}");
    String id = ready(token, trait("Some", "DE"));
    String path = SEGMENTS + "/" + id;
    assertThat(service.call(token, "PUT", path, trait("Some", "FR")).status()).isEqualTo(428);
    String etag = service.call(token, "GET", path, "").etag();
    Answer changed = service.call(token, "PUT", path, trait("Some", "FR"), "If-Match", etag);
    assertThat(changed.status()).as(changed.text()).isEqualTo(200);
    assertThat(changed.at("/version")).isEqualTo("2");
    assertThat(service.call(token, "PUT", path, trait("Some", "IT"), "If-Match", etag).status())
        .isEqualTo(412);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            service.call(token, "GET", path + "/members", "").text().contains(french.toString()));
    Answer renamed =
        service.call(token, "PUT", path, trait("Other", "FR"), "If-Match", changed.etag());
    assertThat(renamed.at("/version")).isEqualTo("2");
    assertThat(renamed.at("/name")).isEqualTo("Other");
    assertThat(service.call(token, "DELETE", path, "", "If-Match", renamed.etag()).status())
        .isEqualTo(204);
    assertThat(service.call(token, "GET", path, "").status()).isEqualTo(404);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            service
                .sql
                .sql("select state from segment.build where segment_id = ?")
                .param(id)
                .query(String.class)
                .single()
                .equals("deleted"));
    assertThat(
            service
                .sql
                .sql(
                    "select change || ' ' || reason from segment.transition where segment_id = ? order by id")
                .param(id)
                .query(String.class)
                .list())
        .containsExactly("entered definition", "exited definition");
  }

  @Test
  void anotherWorkspaceSeesNothingAndAScopeIsNeeded() {
    String token = token();
    String id = ready(token, trait("Mine", "DE"));
    String theirs = service.token("ws_theirs", "*");
    for (String path : List.of("", "/members", "/count", "/history", "/export")) {
      assertThat(service.call(theirs, "GET", SEGMENTS + "/" + id + path, "").status())
          .as(path)
          .isEqualTo(404);
    }
    assertThat(service.call(theirs, "POST", SEGMENTS + "/" + id + "/verify", "{}").status())
        .isEqualTo(404);
    String reader = service.token(workspace, "segments:read");
    assertThat(service.call(reader, "POST", SEGMENTS, trait("No", "DE")).status()).isEqualTo(403);
    assertThat(service.call(reader, "GET", SEGMENTS + "/" + id, "").status()).isEqualTo(200);
  }

  @Test
  void aReadWaitsSecondsForItsPositionAndSaysWhenItIsNotThereYet() throws Exception {
    String token = token();
    String count = SEGMENTS + "/" + ready(token, trait("Waiting", "DE")) + "/count?position=";
    assertThat(service.call(token, "GET", count + "rubbish", "").status()).isEqualTo(400);
    assertThat(service.call(token, "GET", count + "p1.&wait=11", "").status()).isEqualTo(400);
    service.clients.ensureTopics();
    String ahead = new PositionToken(Map.of(0, 1_000_000L)).format();
    Answer early = service.call(token, "GET", count + ahead + "&wait=0", "");
    assertThat(early.status()).isEqualTo(409);
    assertThat(early.at("/code")).isEqualTo("not_yet_visible");
    CompletableFuture<Answer> late =
        CompletableFuture.supplyAsync(
            () -> service.call(token, "GET", count + ahead + "&wait=10", ""));
    await()
        .during(Duration.ofMillis(500)) // so 10 aren't milliseconds
        .atMost(Duration.ofSeconds(5))
        .until(() -> !late.isDone());
    service
        .clients
        .admin()
        .alterConsumerGroupOffsets(
            "identity",
            Map.of(
                new TopicPartition(Topics.INGESTION_EVENTS, 0), new OffsetAndMetadata(1_000_000L)))
        .all()
        .get();
    assertThat(late.get(20, TimeUnit.SECONDS).status()).isEqualTo(200);
    String members = count.replace("/count?position=", "/members?wait=10");
    assertThat(service.call(token, "GET", members, "", Visibility.HEADER, ahead).status())
        .isEqualTo(200);
  }

  @Test
  void theSameIdempotencyKeyCreatesOneSegment() {
    String token = token();
    String body = trait("Once", "DE");
    Answer first = service.call(token, "POST", SEGMENTS, body, "Idempotency-Key", "k-1");
    Answer again = service.call(token, "POST", SEGMENTS, body, "Idempotency-Key", "k-1");
    assertThat(first.status()).isEqualTo(201);
    assertThat(again.at("/id")).isEqualTo(first.at("/id"));
  }
}
