package io.tributary.ingestion.destination;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.Json;
import io.tributary.event.ProfileId;
import io.tributary.web.Faults;
import io.tributary.webhook.WebhookClient;
import io.tributary.webhook.WebhookTargets;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** What becomes of messages on their way into requests. */
@Timeout(60)
class HttpReceiverTest {
  private static final Outcome DELIVERED = new Outcome.Delivered();
  private static final Outcome UNWANTED = new Outcome.Unwanted();
  private static final Outcome UNTRIED = new Outcome.Untried();
  private static final Instant NOW = Instant.parse("2026-11-01T10:00:00Z");
  private StubReceiver stub;
  private WebhookClient client;

  @BeforeEach
  void start() {
    stub = new StubReceiver();
    client =
        new WebhookClient(
            new WebhookTargets(Set.of(stub.target())),
            WebhookClient.Connections.KEPT,
            Clock.systemUTC());
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    stub.close();
  }

  private HttpReceiver receiver(String http) {
    DestinationDocument document =
        Json.MAPPER.readValue(
            ("{'kind': 'http', 'sends': ['events', 'segments', 'profiles', 'erasures'], 'http': {"
                    + http
                    + "}}")
                .replace('\'', '"')
                .replace("STUB", stub.url("")),
            DestinationDocument.class);
    Faults faults = new Faults();
    Target target =
        new TargetReader(faults, new WebhookTargets(Set.of(stub.target())), new Connectors(""))
            .read(document);
    assertThat(faults.list()).isEmpty();
    return new HttpReceiver(client, (Target.Http) target, "s3cret");
  }

  private HttpReceiver audience(int batch) {
    return receiver(
        """
        'headers': {'Idempotency-Key': '{{id}}'},
        'requests': [
          {'on': ['segment.entered'], 'url': 'STUB/in', 'item': '{{/data/who}}', 'batch': %1$d,
           'body': {'ids': '{{items}}'}},
          {'on': ['segment.exited'], 'url': 'STUB/out', 'item': '{{/data/who}}', 'batch': %1$d,
           'body': {'ids': '{{items}}'}, 'alsoDelivered': [207]}]
        """
            .formatted(batch));
  }

  private static Message message(String id, String type, Map<String, Object> data) {
    ProfileId profile = ProfileId.create();
    return Message.of(id, profile, profile, type, NOW, Json.MAPPER.writeValueAsBytes(data));
  }

  private static Message entered(String who) {
    return message("msg_" + who, "segment.entered", Map.of("who", who));
  }

  private static Message exited(String who) {
    return message("msg_" + who, "segment.exited", Map.of("who", who));
  }

  private static List<String> ids(StubReceiver.Got got) {
    return got.json().path("ids").valueStream().map(JsonNode::asString).toList();
  }

  @Test
  void requestsKeepTheOrderOfTheirMessages() {
    List<Outcome> outcomes =
        audience(10)
            .deliver(
                List.of(
                    entered("a"),
                    entered("b"),
                    exited("c"),
                    entered("d"),
                    exited("e"),
                    exited("f")));
    assertThat(outcomes).hasSize(6).containsOnly(DELIVERED);
    assertThat(stub.got("/in").stream().map(HttpReceiverTest::ids))
        .containsExactly(List.of("a", "b"), List.of("d"));
    assertThat(stub.got("/out").stream().map(HttpReceiverTest::ids))
        .containsExactly(List.of("c"), List.of("e", "f"));
  }

  @Test
  void aRequestWithOthersInItHasAnotherKey() {
    stub.answer("/in", body -> body.toString().contains("bad") ? 422 : 200);
    List<Message> messages = new ArrayList<>();
    IntStream.range(0, 8).forEach(i -> messages.add(entered(i == 5 ? "bad" : "m" + i)));
    List<Outcome> outcomes = audience(8).deliver(messages);
    assertThat(outcomes.get(5)).isEqualTo(new Outcome.Refused("status_422"));
    assertThat(outcomes.stream().filter(DELIVERED::equals)).hasSize(7);
    Map<String, Set<String>> bodies = new HashMap<>();
    for (StubReceiver.Got each : stub.got("/in")) {
      String key = String.valueOf(each.headers().get("Idempotency-key"));
      bodies.computeIfAbsent(key, _ -> new HashSet<>()).add(each.body());
    }
    assertThat(bodies.values()).allSatisfy(each -> assertThat(each).hasSize(1));
    assertThat(stub.got("/in").getLast().headers().get("Idempotency-key")).isNotNull();
  }

  @Test
  void oneBadEntryThatBreaksTheReceiverIsFound() {
    stub.answer("/in", body -> body.toString().contains("bad") ? 500 : 200);
    List<Message> messages =
        List.of(entered("a"), entered("b"), entered("bad"), entered("c"), exited("d"));
    assertThat(audience(10).deliver(messages))
        .containsExactly(
            DELIVERED,
            DELIVERED,
            new Outcome.Deferred("status_500", Optional.empty(), false),
            UNTRIED,
            UNTRIED);
  }

  @Test
  void behindWhatHasToWaitNothingIsTried() {
    stub.answer("/in", _ -> 503);
    List<Outcome> outcomes = audience(2).deliver(List.of(entered("a"), entered("b"), exited("c")));
    assertThat(outcomes.get(0)).isInstanceOf(Outcome.Deferred.class);
    assertThat(outcomes.get(1)).isInstanceOf(Outcome.Deferred.class);
    assertThat(outcomes.get(2)).isEqualTo(UNTRIED);
    assertThat(stub.got("/out")).isEmpty();
  }

  @Test
  void someStatusesMeanWhatTheAuthorSays() {
    stub.answer("/out", _ -> 207);
    assertThat(audience(2).deliver(List.of(exited("a"), exited("b")))).containsOnly(DELIVERED);
    stub.answer("/in", _ -> 207);
    assertThat(audience(2).deliver(List.of(entered("a"), entered("b"))))
        .containsOnly(new Outcome.Refused("status_207"));
    HttpReceiver contacts =
        receiver(
            "'requests': [{'on': ['event'], 'url': 'STUB/c', 'refused': [404], 'method': 'PUT'}]");
    for (Map.Entry<Integer, String> each :
        Map.of(404, "Refused", 409, "Deferred", 410, "Deferred", 414, "Refused").entrySet()) {
      stub.answer("/c", _ -> each.getKey());
      assertThat(
              contacts
                  .deliver(List.of(message("msg_1", "event", Map.of())))
                  .getFirst()
                  .getClass()
                  .getSimpleName())
          .as(each.toString())
          .isEqualTo(each.getValue());
    }
  }

  @Test
  void whatIsNothingInTheReceiversShapeIsNotSent() {
    HttpReceiver receiver = audience(10);
    assertThat(
            receiver.deliver(
                List.of(
                    message("msg_1", "segment.entered", Map.of()),
                    message("msg_2", "event", Map.of("who", "a")))))
        .containsExactly(UNWANTED, UNWANTED);
    HttpReceiver optional =
        receiver(
            "'requests': [{'on': ['event'], 'url': 'STUB/o', 'item': '{{/data/who?}}', 'body': '{{items}}'}]");
    assertThat(optional.deliver(List.of(message("msg_1", "event", Map.of()))))
        .containsExactly(UNWANTED);
    assertThat(stub.got("/o")).isEmpty();
  }

  @Test
  void whoBecomesPartOfAPersonIsNotTakenOutInThePersonsName() {
    Map<String, Object> merged =
        Map.of(
            "who",
            "ada",
            "profileId",
            "prf_1",
            "reason",
            "merge",
            "profile",
            Map.of("profileId", "prf_2"));
    Map<String, Object> left =
        Map.of(
            "who",
            "bea",
            "profileId",
            "prf_1",
            "reason",
            "event",
            "profile",
            Map.of("profileId", "prf_2"));
    assertThat(
            audience(10)
                .deliver(
                    List.of(
                        message("msg_1", "segment.exited", merged),
                        message("msg_2", "segment.exited", left))))
        .containsExactly(UNWANTED, DELIVERED);
  }

  @Test
  void noMessageChoosesAnotherPlaceThanTheOneMeant() {
    HttpReceiver receiver =
        receiver(
            """
            'requests': [{'on': ['event'], 'method': 'DELETE',
                          'url': 'STUB/v1/contacts/.{{/data/a?}}{{/data/b}}?x={{/data/c}}'}]
            """);
    for (Map<String, Object> data :
        List.<Map<String, Object>>of(
            Map.of("a", "1", "b", "..", "c", "1"),
            Map.of("a", "1", "b", "", "c", "1"),
            Map.of("a", ".", "b", "1", "c", "1"),
            Map.of("b", "x", "c", "1"),
            Map.of("a", "1", "b", "1", "c", "y".repeat(600)))) {
      assertThat(receiver.deliver(List.of(message("msg_1", "event", data))))
          .as(data.toString())
          .containsExactly(UNWANTED);
    }
    assertThat(
            receiver.deliver(
                List.of(message("msg_1", "event", Map.of("a", "../x", "b", "1", "c", "&y=2")))))
        .containsExactly(DELIVERED);
    assertThat(stub.got("/v1/contacts/.../x1")).hasSize(1);
  }

  @Test
  void whatATemplateMultipliesEndsBeforeItFillsTheMemory() {
    String many = String.join(",", Collections.nCopies(200, "'{{/data}}'"));
    HttpReceiver receiver =
        receiver(
            "'requests': [{'on': ['event'], 'url': 'STUB/big', 'item': ["
                + many
                + "], 'body': '{{items}}'}, {'on': ['profile.changed'], 'url': 'STUB/big', 'body': ["
                + many
                + "]}]");
    Map<String, Object> large = Map.of("text", "x".repeat(60_000));
    assertThat(
            receiver.deliver(
                List.of(
                    message("msg_1", "event", large), message("msg_2", "profile.changed", large))))
        .containsOnly(new Outcome.Refused("too_large"));
    assertThat(stub.got("/big")).isEmpty();
  }
}
