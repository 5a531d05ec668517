package io.tributary.ingestion.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.event.CollectedEvent;
import io.tributary.event.Json;
import io.tributary.event.Topics;
import io.tributary.ingestion.webhook.Senders;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestKafka;
import io.tributary.testing.TestPostgres;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Webhooks over HTTP, with a real log and a real database behind them. */
class WebhooksTest {
  private static final String PUBLIC = "https://events.example.org";
  private static final String TOKEN = "a-token-of-our-own-making";
  private static Running service;

  @BeforeAll
  static void start() {
    TestKafka.forgetReaders();
    TestDatabase database = TestPostgres.freshDatabase();
    Map<String, String> settings = new HashMap<>(database.properties());
    settings.put("TRIBUTARY_ENCRYPTION_KEY", "a key for tests, and for nothing else");
    settings.put("TRIBUTARY_COLLECTOR_PUBLIC_URL", PUBLIC + "/v1/");
    service = new Running(settings, TestKafka.bootstrapServers());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private record Source(String id, String provider, String url, String writeKey) {
    /** Sends a signed payload. */
    HttpResponse<String> send(String payload, Instant at, boolean right) {
      Senders.Sent sent = Senders.send(provider, url, payload, at, right);
      return post(sent.query(), sent.headers(), sent.body());
    }

    HttpResponse<String> post(String query, Map<String, String> headers, byte[] body) {
      URI to = service.collector("/v1/webhooks/" + writeKey + (query.isEmpty() ? "" : "?" + query));
      HttpRequest.Builder request =
          HttpRequest.newBuilder(to).POST(BodyPublishers.ofByteArray(body));
      headers.forEach(request::header);
      return service.send(request);
    }

    HttpResponse<String> ask(String method, String query) {
      URI to = service.collector("/v1/webhooks/" + writeKey + query);
      return service.send(HttpRequest.newBuilder(to).method(method, BodyPublishers.noBody()));
    }
  }

  private static Source source(String provider) {
    ObjectNode wanted = Json.MAPPER.createObjectNode();
    wanted.put("name", provider + " " + UUID.randomUUID()).put("kind", "webhook");
    ObjectNode webhook = wanted.putObject("webhook").put("provider", provider);
    webhook.put(provider.equals("sendgrid") ? "publicKey" : "secret", Senders.key(provider, true));
    if (provider.equals("meta-lead-ads")) {
      webhook.put("verifyToken", TOKEN);
    }
    HttpResponse<String> made = service.api("POST", "/api/v1/sources", wanted.toString());
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    JsonNode answer = Json.MAPPER.readTree(made.body());
    return new Source(
        answer.at("/id").asString(),
        provider,
        answer.at("/webhookUrl").asString(),
        answer.at("/writeKeys/0/key").asString());
  }

  private static List<CollectedEvent> stored(Source source) {
    return TestKafka.committed(Topics.INGESTION_EVENTS).stream()
        .map(record -> CollectedEvent.decode(record.value()))
        .filter(event -> source.id().equals(event.sourceId()))
        .toList();
  }

  private static void assertRefused(HttpResponse<String> answer, int status, String code) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(Json.MAPPER.readTree(answer.body()).at("/code").asString()).isEqualTo(code);
  }

  private static double counted(String provider, String outcome) {
    return service
        .part(MeterRegistry.class)
        .counter("tributary.collector.webhooks", "provider", provider, "outcome", outcome)
        .count();
  }

  @ParameterizedTest
  @FieldSource("io.tributary.ingestion.webhook.Senders#ALL")
  void whatAProviderSignedIsInTheLogWithTheSameIdsWhenItsSentAgain(String provider) {
    Source source = source(provider);
    assertThat(source.url()).isEqualTo(PUBLIC + "/v1/webhooks/" + source.writeKey());
    double before = counted(provider, "accepted");
    HttpResponse<String> first = source.send(Senders.sample(provider), Instant.now(), true);
    assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
    assertThat(first.body()).isEqualTo("{\"success\":true}");
    assertThat(first.headers().firstValue("X-Tributary-Position")).isPresent();
    List<CollectedEvent> events = stored(source);
    assertThat(events).isNotEmpty();
    assertThat(events)
        .allSatisfy(event -> assertThat(event.messageId()).startsWith(provider + ":"))
        .allSatisfy(event -> assertThat(event.signed()).isTrue());

    assertThat(source.send(Senders.sample(provider), Instant.now(), true).statusCode())
        .isEqualTo(200);
    List<CollectedEvent> again = stored(source);
    assertThat(again).hasSize(2 * events.size());
    assertThat(ids(again)).isEqualTo(ids(events)).hasSize(events.size());
    assertThat(counted(provider, "accepted")).isEqualTo(before + 2);
  }

  private static Set<String> ids(List<CollectedEvent> events) {
    return events.stream()
        .map(CollectedEvent::messageId)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @FieldSource("io.tributary.ingestion.webhook.Senders#ALL")
  void whatAnotherSignedOrNobodyIsRefusedAndIsNotInTheLog(String provider) {
    Source source = source(provider);
    double before = counted(provider, "signature_invalid");
    String sample = Senders.sample(provider);
    assertRefused(source.send(sample, Instant.now(), false), 401, "signature_invalid");
    assertRefused(
        source.post("", Map.of(), "{}".getBytes(StandardCharsets.UTF_8)), 401, "signature_missing");
    assertThat(stored(source)).isEmpty();
    assertThat(counted(provider, "signature_invalid")).isEqualTo(before + 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"stripe", "standard-webhooks", "hubspot", "sendgrid", "mailgun"})
  void whatWasSignedLongAgoIsStale(String provider) {
    Source source = source(provider);
    Instant yesterday = Instant.now().minus(Duration.ofHours(26));
    assertRefused(source.send(Senders.sample(provider), yesterday, true), 401, "signature_stale");
    assertThat(stored(source)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"stripe", "shopify", "square", "hubspot", "standard-webhooks"})
  void whatLacksFieldsOrHasMoreIsTaken(String provider) {
    Source source = source(provider);
    String odd = "{\"x\": 1, \"y\": {\"z\": [null]}}";
    assertThat(source.send(odd, Instant.now(), true).statusCode()).isEqualTo(200);
    assertThat(stored(source))
        .singleElement()
        .satisfies(event -> {
          // Shopify says the type in a header: it's known, and the order is an empty one.
          String kept =
              provider.equals("shopify") ? "{\"shop\":\"acme.myshopify.com\"}" : "\"z\":[null]";
          assertThat(String.valueOf(event.properties())).contains(kept);
          assertThat(event.anonymousId()).startsWith(provider + ":");
        });
  }

  @Test
  void onlyWhatASignedWebhookBringsSaysSo() {
    String user = "forger-" + UUID.randomUUID();
    HttpResponse<String> answer =
        service.post(
            "/v1/track",
            "{'userId':'" + user + "','event':'Unsubscribed','signed':true,'historical':true}");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(
            TestKafka.committed(Topics.INGESTION_EVENTS).stream()
                .map(record -> CollectedEvent.decode(record.value()))
                .filter(event -> user.equals(event.userId())))
        .singleElement()
        .satisfies(event -> {
          assertThat(event.signed()).isFalse();
          assertThat(event.historical()).isTrue();
        });
  }

  @Test
  void whatFailsTheChecksIsQuarantinedLikeAnyEvent() {
    Source source = source("standard-webhooks");
    HttpResponse<String> answer =
        source.send("{\"type\": \"Odd\", \"timestamp\": \"soon\"}", Instant.now(), true);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("X-Tributary-Refused")).hasValue("1");
    HttpResponse<String> half =
        source.send("{\"type\": \"Odd \\ud83d\", \"note\": \"ü\"}", Instant.now(), true);
    assertThat(half.headers().firstValue("X-Tributary-Refused")).hasValue("1");
    HttpResponse<String> deep =
        source.send("{\"a\":".repeat(60) + "1" + "}".repeat(60), Instant.now(), true);
    assertThat(deep.headers().firstValue("X-Tributary-Refused")).hasValue("1");
    HttpResponse<String> large =
        source.send("{\"a\": \"" + "x".repeat(40_000) + "\"}", Instant.now(), true);
    assertThat(large.headers().firstValue("X-Tributary-Refused")).hasValue("1");
    assertThat(stored(source)).isEmpty();
  }

  @Test
  void hostileBodiesAreRefusedAndNeverAnswered500() {
    Source mailgun = source("mailgun");
    for (String body : List.of("", "{", "[".repeat(100_000), "\u0000", "{\"signature\":")) {
      HttpResponse<String> answer =
          mailgun.post("", Map.of(), body.getBytes(StandardCharsets.UTF_8));
      assertThat(answer.statusCode()).as(answer.body()).isIn(400, 401);
    }
    Source stripe = source("stripe");
    for (String body : List.of("", "nonsense", "7", "{} {}", "{".repeat(100_000))) {
      assertRefused(stripe.send(body, Instant.now(), true), 400, "invalid_body");
    }
    assertThat(stripe.send("[]", Instant.now(), true).statusCode()).isEqualTo(200);
    byte[] large = new byte[Body.MAX_BYTES + 1];
    assertRefused(
        stripe.post("", Map.of("Stripe-Signature", "t=1,v1=00"), large), 413, "body_too_large");
  }

  @Test
  void theKeyOfAWebhookOpensNothingThatNobodySigns() {
    Source source = source("stripe");
    HttpRequest.Builder batch =
        HttpRequest.newBuilder(service.collector("/v1/batch"))
            .header("Authorization", Running.basic(source.writeKey() + ":"))
            .POST(BodyPublishers.ofString("{\"batch\":[{\"type\":\"page\",\"userId\":\"u\"}]}"));
    assertRefused(service.send(batch), 401, "unknown_write_key");
    HttpRequest.Builder own =
        HttpRequest.newBuilder(service.collector("/v1/page"))
            .POST(
                BodyPublishers.ofString(
                    "{\"userId\":\"u\",\"writeKey\":\"" + source.writeKey() + "\"}"));
    assertRefused(service.send(own), 401, "unknown_write_key");
    assertThat(stored(source)).isEmpty();

    Source none = new Source("", "stripe", source.url(), "x".repeat(32));
    assertRefused(none.send("{}", Instant.now(), true), 404, "unknown_webhook");
    Source server = new Source("", "stripe", source.url(), service.serverKey);
    assertRefused(server.send("{}", Instant.now(), true), 404, "unknown_webhook");
    assertRefused(server.ask("GET", ""), 404, "unknown_webhook");
  }

  /** The key routes into its own workspace, and the secret of another one doesn't fit there. */
  @Test
  void anotherWorkspacesSecretDoesNotSignForThisOnes() {
    HttpResponse<String> made = service.api("POST", "/api/v1/workspaces", "{\"name\":\"Other\"}");
    String token = Json.MAPPER.readTree(made.body()).at("/token/secret").asString();
    String wanted =
        "{\"name\":\"Stripe\",\"kind\":\"webhook\",\"webhook\":{\"provider\":\"stripe\",\"secret\":\""
            + Senders.key("stripe", false)
            + "\"}}";
    HttpResponse<String> source =
        service.send(
            HttpRequest.newBuilder(service.internal("/api/v1/sources"))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(wanted)));
    JsonNode answer = Json.MAPPER.readTree(source.body());
    Source theirs =
        new Source(
            answer.at("/id").asString(),
            "stripe",
            answer.at("/webhookUrl").asString(),
            answer.at("/writeKeys/0/key").asString());
    Source ours = source("stripe");
    String sample = Senders.sample("stripe");

    assertRefused(theirs.send(sample, Instant.now(), true), 401, "signature_invalid");
    assertRefused(ours.send(sample, Instant.now(), false), 401, "signature_invalid");
    assertThat(theirs.send(sample, Instant.now(), false).statusCode()).isEqualTo(200);
    assertThat(stored(theirs))
        .singleElement()
        .extracting(CollectedEvent::workspaceId)
        .isEqualTo(Json.MAPPER.readTree(made.body()).at("/workspace/id").asString());
    HttpResponse<String> foreign =
        service.send(
            HttpRequest.newBuilder(service.internal("/api/v1/sources/" + ours.id()))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .header("If-Match", "*")
                .method(
                    "PATCH", BodyPublishers.ofString("{\"webhook\":{\"keepPrevious\":false}}")));
    assertThat(foreign.statusCode()).isEqualTo(404);
  }

  @Test
  void handshakesAreAnswered() {
    Source meta = source("meta-lead-ads");
    String asked = "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=";
    HttpResponse<String> challenge = meta.ask("GET", asked + TOKEN);
    assertThat(challenge.statusCode()).isEqualTo(200);
    assertThat(challenge.body()).isEqualTo("1158201444");
    assertThat(challenge.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
    assertRefused(meta.ask("GET", asked + "guessed"), 401, "token_invalid");
    for (String provider : List.of("mandrill", "mailchimp")) {
      assertThat(source(provider).ask("HEAD", "").statusCode()).isEqualTo(200);
      assertThat(source(provider).ask("GET", "").statusCode()).isEqualTo(200);
    }
    assertThat(source("stripe").ask("GET", "").statusCode()).isEqualTo(405);
    assertThat(source("stripe").ask("PUT", "").statusCode()).isEqualTo(405);
  }

  @Test
  void keysAreExchangedWithoutAGap() {
    Source source = source("shopify");
    String sample = Senders.sample("shopify");
    change(source, "{\"webhook\":{\"secret\":\"" + Senders.key("shopify", false) + "\"}}");
    assertThat(source.send(sample, Instant.now(), true).statusCode()).isEqualTo(200);
    assertThat(source.send(sample, Instant.now(), false).statusCode()).isEqualTo(200);
    change(source, "{\"webhook\":{\"keepPrevious\":false}}");
    assertRefused(source.send(sample, Instant.now(), true), 401, "signature_invalid");
    assertThat(source.send(sample, Instant.now(), false).statusCode()).isEqualTo(200);
    change(source, "{\"enabled\":false}");
    assertRefused(source.send(sample, Instant.now(), false), 404, "unknown_webhook");
  }

  @Test
  void untilTheSecretIsKnownAllIsRefused() {
    HttpResponse<String> made =
        service.api(
            "POST",
            "/api/v1/sources",
            "{\"name\":\"Early\",\"kind\":\"webhook\",\"webhook\":{\"provider\":\"mandrill\"}}");
    JsonNode answer = Json.MAPPER.readTree(made.body());
    Source early =
        new Source(
            answer.at("/id").asString(),
            "mandrill",
            answer.at("/webhookUrl").asString(),
            answer.at("/writeKeys/0/key").asString());
    assertThat(early.ask("HEAD", "").statusCode()).isEqualTo(200);
    assertRefused(early.send("[]", Instant.now(), true), 401, "secret_not_set");
  }

  private static void change(Source source, String body) {
    HttpResponse<String> changed =
        service.send(
            HttpRequest.newBuilder(service.internal("/api/v1/sources/" + source.id()))
                .header("Authorization", "Bearer " + service.token)
                .header("Content-Type", "application/json")
                .header("If-Match", "*")
                .method("PATCH", BodyPublishers.ofString(body)));
    assertThat(changed.statusCode()).as(changed.body()).isEqualTo(200);
  }
}
