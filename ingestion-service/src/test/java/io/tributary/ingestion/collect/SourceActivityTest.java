package io.tributary.ingestion.collect;

import static io.tributary.ingestion.collect.Running.basic;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.event.Json;
import io.tributary.ingestion.webhook.Senders;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestKafka;
import io.tributary.testing.TestPostgres;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What two collectors on one database tell of a source, and that keys end at both. */
class SourceActivityTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static Map<String, String> settings;
  private static Running one;
  private static Running other;

  @BeforeAll
  static void start() {
    TestKafka.forgetReaders();
    TestDatabase database = TestPostgres.freshDatabase();
    settings = new HashMap<>(database.properties());
    settings.put("TRIBUTARY_ENCRYPTION_KEY", "a key for tests, and for nothing else");
    one = new Running(settings, TestKafka.bootstrapServers());
    other = Running.beside(one, settings, TestKafka.bootstrapServers());
  }

  @AfterAll
  static void stop() {
    one.close();
    other.close();
  }

  private record Source(String id, String keyId, String key) {
    static Source make(String more) {
      HttpResponse<String> made =
          one.api(
              "POST",
              "/api/v1/sources",
              ("{'name':'" + UUID.randomUUID() + "'," + more + "}").replace('\'', '"'));
      assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
      JsonNode answer = Json.MAPPER.readTree(made.body());
      return new Source(
          answer.at("/id").asString(),
          answer.at("/writeKeys/0/id").asString(),
          answer.at("/writeKeys/0/key").asString());
    }

    static Source server() {
      return make("'kind':'server'");
    }

    HttpResponse<String> post(Running at, String json, String... headers) {
      return withKey(at, key, json, headers);
    }

    static HttpResponse<String> withKey(Running at, String key, String json, String... headers) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(at.collector("/v1/batch"))
              .header("Authorization", basic(key + ":"))
              .POST(BodyPublishers.ofString(json.replace('\'', '"')));
      if (headers.length > 0) {
        request.headers(headers);
      }
      return at.send(request);
    }

    JsonNode activity() {
      HttpResponse<String> answer = other.api("GET", "/api/v1/sources/" + id + "/activity", "");
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return Json.MAPPER.readTree(answer.body());
    }

    JsonNode until(Predicate<JsonNode> shown) {
      return await().atMost(LIMIT).until(this::activity, shown);
    }
  }

  private static List<String> codes(JsonNode activity) {
    return activity.at("/findings").valueStream().map(f -> f.at("/code").asString()).toList();
  }

  private static JsonNode key(JsonNode activity, String id) {
    return activity
        .at("/writeKeys")
        .valueStream()
        .filter(key -> key.at("/id").asString().equals(id))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aSourceTellsWhatCameToAllCollectorsAndWhatWasRefusedAndWhy() {
    Source source = Source.server();
    JsonNode before = source.activity();
    assertThat(codes(before)).containsExactly("nothing_yet");
    assertThat(before.at("/ever").isMissingNode() || before.at("/ever").isNull()).isTrue();

    Instant began = Instant.now().minusSeconds(60);
    String sent = Instant.now().minusSeconds(600).toString();
    source.post(
        one,
        "{'sentAt':'"
            + sent
            + "','context':{'library':{'name':'analytics-java','version':'3.5.4'}},'batch':["
            + "{'type':'track','userId':'u','event':'Bought'},"
            + "{'type':'track','userId':'u','event':'Bought'},"
            + "{'type':'page','userId':'u'},"
            + "{'type':'track','userId':'u'}]}",
        "X-Retry-Count",
        "2");
    source.post(
        other,
        "{'batch':[{'type':'track','userId':'u','event':'Seen','timestamp':'2999-01-01T00:00:00Z',"
            + "'context':{'library':{'name':'own','version':7}}},"
            + "{'type':'track','userId':'u','event':'Bought','context':{'library':'none'}}]}",
        "X-Retry-Count",
        "0");
    assertThat(source.post(other, "{'batch':[").statusCode()).isEqualTo(400);

    JsonNode shown = source.until(a -> a.at("/total/requests").asLong() == 3);
    JsonNode total = shown.at("/total");
    assertThat(total.at("/received").asLong()).isEqualTo(6);
    assertThat(total.at("/accepted").asLong()).isEqualTo(5);
    assertThat(total.at("/refused").asLong()).isEqualTo(1);
    assertThat(total.at("/retriedRequests").asLong()).isEqualTo(1);
    assertThat(total.at("/retriedEvents").asLong()).isEqualTo(4);
    assertThat(total.at("/refusedRequests").asLong()).isEqualTo(1);
    assertThat(total.at("/bytes").asLong()).isBetween(300L, 1000L);
    assertThat(
            shown
                .at("/hours")
                .valueStream()
                .mapToLong(h -> h.at("/counts/received").asLong())
                .sum())
        .isEqualTo(6);
    assertThat(Instant.parse(shown.at("/ever/firstEventAt").asString())).isAfter(began);
    assertThat(Instant.parse(shown.at("/ever/lastEventAt").asString())).isAfter(began);

    assertThat(shown.at("/refusedRequests/0/code").asString()).isEqualTo("invalid_json");
    assertThat(shown.at("/refusals/0/code").asString()).isEqualTo("required");
    assertThat(shown.at("/refusals/0/count").asLong()).isEqualTo(1);
    String list = shown.at("/refusals/0/quarantine").asString();
    await()
        .atMost(LIMIT)
        .until(() -> Json.MAPPER.readTree(one.api("GET", list, "").body()).at("/data").size() == 1);

    assertThat(shown.at("/events/0/name").asString()).isEqualTo("Bought");
    assertThat(shown.at("/events/0/count").asLong()).isEqualTo(3);
    assertThat(shown.at("/events").valueStream().map(e -> e.at("/type").asString()))
        .containsExactlyInAnyOrder("track", "track", "page");
    assertThat(shown.at("/otherEvents").asLong()).isZero();
    assertThat(shown.at("/libraries/0/name").asString()).isEqualTo("analytics-java");
    assertThat(shown.at("/libraries/0/version").asString()).isEqualTo("3.5.4");
    assertThat(shown.at("/libraries/0/share").asDouble()).isEqualTo(0.6);
    assertThat(shown.at("/libraries/1/version").asString()).isEqualTo("7");
    assertThat(shown.at("/withoutLibrary").asLong()).isEqualTo(1);
    assertThat(shown.at("/otherLibraries").asLong()).isZero();
    JsonNode clock = shown.at("/clock");
    assertThat(clock.at("/events").asLong()).isEqualTo(3);
    assertThat(clock.at("/median").asLong()).isBetween(450_000L, 760_000L);
    assertThat(clock.at("/moreThanAMinuteOff").asLong()).isEqualTo(3);
    assertThat(clock.at("/withoutSentAt").asLong()).isEqualTo(2);
    assertThat(clock.at("/inFuture").asLong()).isEqualTo(1);
    assertThat(key(shown, source.keyId()).at("/requests").asLong()).isEqualTo(3);
    assertThat(codes(shown)).isEmpty();
  }

  @Test
  void aRevokedKeyEndsAtBothCollectorsWithinSecondsAndItsUseIsTold() {
    Source source = Source.server();
    String event = "{'batch':[{'type':'page','userId':'u'}]}";
    String keys = "/api/v1/sources/" + source.id() + "/write-keys";
    JsonNode made = Json.MAPPER.readTree(one.api("POST", keys, "").body());
    assertThat(one.api("POST", keys, "").statusCode()).isEqualTo(409);
    String newer = made.at("/key").asString();
    for (Running collector : List.of(one, other)) {
      await()
          .atMost(LIMIT)
          .until(() -> Source.withKey(collector, newer, event).statusCode() == 200);
      assertThat(source.post(collector, event).statusCode()).isEqualTo(200);
    }

    assertThat(one.api("DELETE", keys + "/" + source.keyId(), "").statusCode()).isEqualTo(204);
    for (Running collector : List.of(one, other)) {
      await()
          .atMost(Duration.ofSeconds(15))
          .until(() -> source.post(collector, event).statusCode() == 401);
      assertThat(Source.withKey(collector, newer, event).statusCode()).isEqualTo(200);
    }
    JsonNode shown = source.until(a -> key(a, source.keyId()).at("/turnedAway").asLong() >= 2);
    assertThat(codes(shown)).containsExactly("revoked_key_used");
    assertThat(key(shown, source.keyId()).at("/revokedAt").asString()).isNotBlank();
    assertThat(key(shown, made.at("/id").asString()).at("/turnedAway").asLong()).isZero();
  }

  @Test
  void aSourceThatIsOffTellsThatSomebodyStillSends() {
    Source source = Source.server();
    HttpResponse<String> off =
        one.send(
            HttpRequest.newBuilder(one.internal("/api/v1/sources/" + source.id()))
                .header("Authorization", "Bearer " + one.token)
                .header("Content-Type", "application/json")
                .header("If-Match", "*")
                .method("PATCH", BodyPublishers.ofString("{\"enabled\":false}")));
    assertThat(off.statusCode()).as(off.body()).isEqualTo(200);
    assertThat(source.post(one, "{'batch':[]}").statusCode()).isEqualTo(401);
    source.until(a -> codes(a).contains("source_off"));
  }

  @Test
  void aWebhookIsCountedWithItsSignatures() {
    String secret = Senders.key("stripe", true);
    Source source =
        Source.make("'kind':'webhook','webhook':{'provider':'stripe','secret':'" + secret + "'}");
    for (boolean right : List.of(true, false)) {
      Senders.Sent sent =
          Senders.send("stripe", "", Senders.sample("stripe"), Instant.now(), right);
      HttpRequest.Builder request =
          HttpRequest.newBuilder(one.collector("/v1/webhooks/" + source.key()))
              .POST(BodyPublishers.ofByteArray(sent.body()));
      sent.headers().forEach(request::header);
      assertThat(one.send(request).statusCode()).isEqualTo(right ? 200 : 401);
    }
    JsonNode shown = source.until(a -> a.at("/total/requests").asLong() == 2);
    assertThat(shown.at("/total/accepted").asLong()).isPositive();
    assertThat(shown.at("/refusedRequests/0/code").asString()).isEqualTo("signature_invalid");
  }

  @Test
  void whatACollectorHadCountedWhenItEndedIsThere() {
    Source source = Source.server();
    Running third = Running.beside(one, settings, TestKafka.bootstrapServers());
    assertThat(source.post(third, "{'batch':[{'type':'page','userId':'u'}]}").statusCode())
        .isEqualTo(200);
    third.close();
    assertThat(source.activity().at("/total/accepted").asLong()).isEqualTo(1);
  }

  @Test
  void whatIsUnknownOrDeletedIsNotFound() {
    assertThat(one.api("GET", "/api/v1/sources/src_none/activity", "").statusCode()).isEqualTo(404);
    assertThat(one.api("GET", "/api/v1/sources/%00/activity", "").statusCode() / 100).isEqualTo(4);
  }
}
