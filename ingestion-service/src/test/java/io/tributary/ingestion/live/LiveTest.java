package io.tributary.ingestion.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.Json;
import io.tributary.ingestion.collect.Running;
import io.tributary.testing.TestKafka;
import io.tributary.testing.TestPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Somebody watches events come in. */
@Timeout(120)
class LiveTest {
  private static final String PATH = "/api/v1/event-stream";
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static Running service;

  @BeforeAll
  static void start() {
    TestKafka.forgetReaders();
    service = new Running(TestPostgres.freshDatabase(), TestKafka.bootstrapServers());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  /** A connection, with the lines that came over it. */
  private static final class Watcher implements AutoCloseable {
    final List<String> lines = new CopyOnWriteArrayList<>();
    private final InputStream body;

    Watcher(String query) {
      this(query, service.token);
    }

    Watcher(String query, String token) {
      // The place of a watcher that is gone is free a few seconds later.
      HttpResponse<InputStream> answer =
          Awaitility.await("a free place")
              .atMost(LIMIT)
              .until(() -> open(query, token), each -> each.statusCode() != 429);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Type").orElse(""))
          .startsWith("text/event-stream");
      body = answer.body();
      Thread.ofVirtual().start(this::read);
      await(": watching");
    }

    private static HttpResponse<InputStream> open(String query, String token) throws Exception {
      return HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(service.internal(PATH + query))
                  .header("Authorization", "Bearer " + token)
                  .header("Accept", "text/event-stream")
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream());
    }

    private void read() {
      try (BufferedReader reader =
          new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          lines.add(line);
        }
      } catch (IOException e) {
        lines.add("cut");
      }
    }

    void await(String part) {
      Awaitility.await(part)
          .atMost(LIMIT)
          .until(() -> lines.stream().anyMatch(line -> line.contains(part)));
    }

    List<String> named(String name) {
      List<String> found = new ArrayList<>();
      for (int i = 0; i + 1 < lines.size(); i++) {
        if (lines.get(i).equals("event: " + name)) {
          found.add(lines.get(i + 1).substring("data: ".length()));
        }
      }
      return found;
    }

    @Override
    public void close() throws IOException {
      body.close();
    }
  }

  private static void post(String events) {
    assertThat(service.post("/v1/batch", "{'batch':[" + events + "]}").statusCode()).isEqualTo(200);
  }

  private static String track(String event, String user, String id) {
    return "{'type':'track','event':'%s','userId':'%s','messageId':'%s','properties':{'p':'ü\\nx'}}"
        .formatted(event, user, id);
  }

  @Test
  void eventsAreSeenAsTheyComeInAndRefusedOnesWithTheirReasons() throws Exception {
    post(track("Before", "u1", "live-0"));
    try (Watcher watcher = new Watcher("")) {
      post(track("Seen", "u1", "live-1") + ",{'type':'track','userId':'u1','messageId':'live-2'}");
      watcher.await("live-1");
      watcher.await("live-2");
      JsonNode seen = Json.MAPPER.readTree(watcher.named("accepted").getFirst());
      assertThat(seen.path("event").asString()).isEqualTo("Seen");
      assertThat(seen.at("/properties/p").asString()).isEqualTo("ü\nx");
      JsonNode refused = Json.MAPPER.readTree(watcher.named("refused").getFirst());
      assertThat(refused.at("/reasons/0/code").asString()).isEqualTo("required");
      assertThat(refused.has("original")).isFalse();
      assertThat(watcher.lines).noneMatch(line -> line.contains("live-0"));
    }
  }

  @Test
  void onlyWhatIsAskedForIsShown() throws Exception {
    try (Watcher byName = new Watcher("?event=Wanted");
        Watcher byUser = new Watcher("?userId=u7&outcome=accepted");
        Watcher byType = new Watcher("?type=identify")) {
      post(
          track("Wanted", "u6", "live-10")
              + ","
              + track("Other", "u7", "live-11")
              + ",{'type':'identify','userId':'u8','messageId':'live-12'}"
              + ",{'type':'track','messageId':'live-13'}"
              + ","
              + track("Wanted", "u7", "live-14"));
      byName.await("live-14");
      byUser.await("live-14");
      byType.await("live-12");
      assertThat(byName.named("accepted")).hasSize(2);
      assertThat(byUser.named("accepted")).hasSize(2);
      assertThat(byType.named("accepted")).hasSize(1);
      assertThat(byName.lines).noneMatch(line -> line.contains("live-13"));
    }
  }

  @Test
  void whatIsTooMuchToBeReadIsCounted() throws Exception {
    try (Watcher watcher = new Watcher("?event=Many")) {
      for (int batch = 0; batch < 20; batch++) {
        StringBuilder events = new StringBuilder();
        for (int i = 0; i < 100; i++) {
          events
              .append(i == 0 ? "" : ",")
              .append(track("Many", "u" + i, "many-" + batch + "-" + i));
        }
        post(events.toString());
      }
      Awaitility.await()
          .atMost(LIMIT)
          .untilAsserted(() -> {
            long skipped =
                watcher.named("skipped").stream()
                    .mapToLong(text -> Json.MAPPER.readTree(text).path("events").asLong())
                    .sum();
            assertThat(watcher.named("accepted").size() + skipped).isEqualTo(2_000);
          });
    }
  }

  @Test
  void anotherWorkspaceSeesNothingOfIt() throws Exception {
    JsonNode other =
        Json.MAPPER.readTree(
            service.api("POST", "/api/v1/workspaces", "{\"name\": \"Watchers\"}").body());
    String token = other.at("/token/secret").asString(other.path("apiToken").asString(""));
    try (Watcher stranger = new Watcher("", token);
        Watcher own = new Watcher("?event=Secret")) {
      post(track("Secret", "u1", "live-20"));
      own.await("live-20");
      stranger.await(": still here");
      assertThat(stranger.lines).noneMatch(line -> line.contains("live-20"));
    }
  }

  @Test
  void whatIsRefusedIsSeenByTokensThatMaySeeTheQuarantine() throws Exception {
    JsonNode made =
        Json.MAPPER.readTree(
            service
                .api("POST", "/api/v1/tokens", "{\"name\":\"w\",\"scopes\":[\"profiles:read\"]}")
                .body());
    String token = made.path("secret").asString();
    try (Watcher less = new Watcher("?source=none", token);
        Watcher watcher = new Watcher("?anonymousId=dev-1", token)) {
      post(
          "{'type':'track','userId':'u1','messageId':'live-30'},"
              + "{'type':'track','event':'E','anonymousId':'dev-1','messageId':'live-31'}");
      watcher.await("live-31");
      assertThat(watcher.named("refused")).isEmpty();
      assertThat(less.named("accepted")).isEmpty();
    }
    assertThat(
            service
                .by(token, "GET", PATH + "?outcome=refused", "", "Accept", "text/event-stream")
                .statusCode())
        .isEqualTo(403);
  }

  @Test
  void watchersAreFewAndTheirPlaceIsFreeOnceTheyAreGone() throws Exception {
    List<Watcher> watchers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      watchers.add(new Watcher("?type=alias"));
    }
    assertThat(status("text/event-stream", "")).isEqualTo(429);
    for (Watcher each : watchers) {
      each.close();
    }
    Awaitility.await("a place is free")
        .atMost(LIMIT)
        .until(() -> status("text/event-stream", "?type=alias") == 200);
  }

  @Test
  void whoDoesntAskForAStreamOrAsksForNonsenseIsTold() {
    assertThat(status("application/json", "")).isEqualTo(406);
    assertThat(status("text/event-stream", "?outcome=lost&type=fax")).isEqualTo(400);
  }

  /** The status alone; the answer isn't read. */
  private static int status(String accept, String query) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<InputStream> answer =
          client.send(
              HttpRequest.newBuilder(service.internal(PATH + query))
                  .header("Authorization", "Bearer " + service.token)
                  .header("Accept", accept)
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream());
      answer.body().close();
      client.shutdownNow();
      return answer.statusCode();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
