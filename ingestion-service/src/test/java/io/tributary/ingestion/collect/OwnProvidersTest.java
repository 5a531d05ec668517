package io.tributary.ingestion.collect;

import static io.tributary.ingestion.collect.Running.answered;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.event.CollectedEvent;
import io.tributary.event.Json;
import io.tributary.event.Topics;
import io.tributary.ingestion.webhook.Senders;
import io.tributary.testing.TestKafka;
import io.tributary.testing.TestPostgres;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A provider that nobody knew: described by its user, tried, switched on, corrected. */
class OwnProvidersTest {
  private static final String PATH = "/api/v1/webhook-providers";
  private static final String SECRET = "a-secret-of-acmes-own-making";
  private static Running service;

  @BeforeAll
  static void start() {
    TestKafka.forgetReaders();
    Map<String, String> settings = new HashMap<>(TestPostgres.freshDatabase().properties());
    settings.put("TRIBUTARY_ENCRYPTION_KEY", "a key for tests, and for nothing else");
    service = new Running(settings, TestKafka.bootstrapServers());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  /** The sample under another name, so that tests keep apart. */
  private static ObjectNode acme(String id) {
    ObjectNode definition = (ObjectNode) Json.MAPPER.readTree(Senders.resource("own-acme.json"));
    return definition.put("provider", id);
  }

  private static String wrapped(JsonNode definition) {
    return Json.MAPPER.createObjectNode().set("definition", definition).toString();
  }

  private static HttpResponse<String> api(
      String method, String path, String body, String... headers) {
    return service.api(method, path, body, headers);
  }

  private static String etag(HttpResponse<String> answer) {
    return answer.headers().firstValue("ETag").orElseThrow();
  }

  private static JsonNode source(String provider) {
    ObjectNode wanted =
        Json.MAPPER.createObjectNode().put("name", "From " + provider).put("kind", "webhook");
    wanted.putObject("webhook").put("provider", provider).put("secret", SECRET);
    return answered(api("POST", "/api/v1/sources", wanted.toString()), 201);
  }

  /** As Acme's own documentation would say it, without the code that verifies. */
  private static Map<String, String> signed(String secret, Instant at, String body) {
    String seconds = String.valueOf(at.getEpochSecond());
    byte[] signature = Senders.hmac("sha256", secret, seconds + "." + body);
    return Map.of(
        "X-Acme-Time", seconds, "X-Acme-Signature", "v1=" + HexFormat.of().formatHex(signature));
  }

  private static HttpResponse<String> send(
      JsonNode source, Map<String, String> headers, String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                service.collector("/v1/webhooks/" + source.at("/writeKeys/0/key").asString()))
            .POST(BodyPublishers.ofString(body));
    headers.forEach(request::header);
    return service.send(request);
  }

  private static List<CollectedEvent> stored(JsonNode source) {
    return TestKafka.committed(Topics.INGESTION_EVENTS).stream()
        .map(record -> CollectedEvent.decode(record.value()))
        .filter(event -> source.at("/id").asString().equals(event.sourceId()))
        .toList();
  }

  private static String sale(int id) {
    return """
    {"events": [
      {"kind": "sale", "id": "s-%d", "at": "2026-01-02T03:04:05Z", "buyer": {"mail": "jo@example.org"},
       "cents": 1999, "currency": "EUR", "lines": [{"sku": "A"}, {"sku": "B"}]},
      {"kind": "visit", "id": "v-%d", "buyer": {"mail": "jo@example.org"}}]}
    """
        .formatted(id, id);
  }

  @Test
  void aDescribedProviderIsVerifiedMappedAndCorrectedWithoutCode() {
    ObjectNode definition = acme("own-acme");
    HttpResponse<String> made = api("POST", PATH, wrapped(definition));
    assertThat(answered(made, 201).at("/definition")).isEqualTo(definition);
    assertThat(made.headers().firstValue("Location")).hasValue(PATH + "/own-acme");
    JsonNode source = source("own-acme");

    String body = sale(1);
    answered(send(source, signed(SECRET, Instant.now(), body), body), 200);
    answered(send(source, signed(SECRET, Instant.now(), body), body), 200);
    List<CollectedEvent> events = stored(source);
    assertThat(events)
        .extracting(CollectedEvent::messageId)
        .containsExactly("own-acme:s-1", "own-acme:v-1", "own-acme:s-1", "own-acme:v-1");
    assertThat(events)
        .extracting(CollectedEvent::event)
        .containsExactly("Order Completed", "visit", "Order Completed", "visit");
    assertThat(events.getFirst().timestamp()).isEqualTo(Instant.parse("2026-01-02T03:04:05Z"));
    assertThat(Json.MAPPER.readTree(String.valueOf(events.getFirst().properties())))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"revenue": 19.99, "currency": "EUR", "products": [{"sku": "A"}, {"sku": "B"}]}
                """));

    double forged = forgeries();
    refused(
        send(source, signed("not the secret of acme", Instant.now(), body), body),
        "signature_invalid");
    refused(send(source, signed(SECRET, Instant.now(), body), body + " "), "signature_invalid");
    refused(send(source, Map.of(), body), "signature_missing");
    Instant earlier = Instant.now().minus(Duration.ofMinutes(6));
    refused(send(source, signed(SECRET, earlier, body), body), "signature_stale");
    assertThat(stored(source)).hasSize(4);
    assertThat(forgeries()).isEqualTo(forged + 2);

    ((ObjectNode) definition.at("/mapping/events/sale")).put("track", "Sale");
    answered(api("PUT", PATH + "/own-acme", wrapped(definition)), 428);
    answered(api("PUT", PATH + "/own-acme", wrapped(definition), "If-Match", "\"7\""), 412);
    HttpResponse<String> corrected =
        api("PUT", PATH + "/own-acme", wrapped(definition), "If-Match", etag(made));
    answered(corrected, 200);
    assertThat(etag(corrected)).isNotEqualTo(etag(made));
    String next = sale(2);
    answered(send(source, signed(SECRET, Instant.now(), next), next), 200);
    assertThat(stored(source)).extracting(CollectedEvent::event).endsWith("Sale", "visit");
  }

  private static double forgeries() {
    return service
        .part(MeterRegistry.class)
        .counter("tributary.collector.webhooks", "provider", "own", "outcome", "signature_invalid")
        .count();
  }

  private static void refused(HttpResponse<String> answer, String code) {
    assertThat(answered(answer, 401).at("/code").asString()).isEqualTo(code);
  }

  @Test
  void aTrialSaysWhatARequestWouldBecomeAndTakesNothing() {
    ObjectNode trial = Json.MAPPER.createObjectNode();
    trial.set("definition", acme("own-trial"));
    ObjectNode request = trial.putObject("request").put("body", sale(7));
    ObjectNode headers = request.putObject("headers");
    signed(SECRET, Instant.now(), sale(7)).forEach(headers::put);
    assertThat(tried(trial).at("/signature").asString()).isEqualTo("not_checked");
    JsonNode answer = tried(trial.put("key", SECRET));
    assertThat(answer.at("/signature").asString()).isEqualTo("genuine");
    assertThat(answer.at("/total").asInt()).isEqualTo(2);
    assertThat(answer.at("/events/0/outcome").asString()).isEqualTo("accepted");
    assertThat(answer.at("/events/0/call/event").asString()).isEqualTo("Order Completed");
    assertThat(answer.at("/events/1/call/event").asString()).isEqualTo("visit");
    assertThat(
            tried(trial.put("key", "another secret".replace(' ', '-') + "-of-acme"))
                .at("/signature")
                .asString())
        .isEqualTo("signature_invalid");

    request.put("body", "{\"events\": [{\"kind\": \"sale\", \"id\": \"1\", \"at\": \"soon\"}]}");
    JsonNode refused = tried(trial);
    assertThat(refused.at("/events/0/outcome").asString()).isEqualTo("refused");
    assertThat(refused.at("/events/0/reasons/0/path").asString()).isEqualTo("timestamp");

    request.put("body", "no JSON");
    assertThat(fault(api("POST", PATH + "/try", trial.toString()))).isEqualTo("request.body");
    trial.put("key", "short");
    assertThat(fault(api("POST", PATH + "/try", trial.toString()))).isEqualTo("key");
    ((ObjectNode) trial.get("definition")).remove("title");
    assertThat(fault(api("POST", PATH + "/try", trial.toString()))).isEqualTo("definition.title");
    assertThat(fault(api("POST", PATH + "/try", "{}"))).isEqualTo("definition");
    trial.remove(List.of("definition", "key"));
    trial.put("provider", "own-nobody");
    assertThat(fault(api("POST", PATH + "/try", trial.toString()))).isEqualTo("provider");
    assertThat(answered(api("GET", PATH + "/own-trial", ""), 404)).isNotEmpty();
  }

  private static JsonNode tried(JsonNode trial) {
    return answered(api("POST", PATH + "/try", trial.toString()), 200);
  }

  private static String fault(HttpResponse<String> answer) {
    return answered(answer, 400).at("/errors/0/path").asString();
  }

  @Test
  void whatASourceHasIsNotDeletedUnderIt() {
    HttpResponse<String> made = api("POST", PATH, wrapped(acme("own-kept")));
    answered(made, 201);
    assertThat(answered(api("POST", PATH, wrapped(acme("own-kept"))), 409).at("/code").asString())
        .isEqualTo("already_exists");
    JsonNode source = source("own-kept");
    JsonNode refused = answered(api("DELETE", PATH + "/own-kept", "", "If-Match", "*"), 409);
    assertThat(refused.at("/code").asString()).isEqualTo("provider_in_use");
    assertThat(refused.at("/detail").asString()).contains(source.at("/id").asString());
    answered(
        api("DELETE", "/api/v1/sources/" + source.at("/id").asString(), "", "If-Match", "*"), 204);
    answered(api("DELETE", PATH + "/own-kept", "", "If-Match", "*"), 204);
    answered(api("GET", PATH + "/own-kept", ""), 404);
    answered(api("DELETE", PATH + "/own-kept", "", "If-Match", "*"), 404);
    ObjectNode wanted = Json.MAPPER.createObjectNode().put("name", "Late").put("kind", "webhook");
    wanted.putObject("webhook").put("provider", "own-kept");
    assertThat(fault(api("POST", "/api/v1/sources", wanted.toString())))
        .isEqualTo("webhook.provider");
  }

  @Test
  void knownProvidersShowTheirDefinitionAndStayAsTheyAre() {
    answered(api("POST", PATH, wrapped(acme("own-listed"))), 201);
    JsonNode stripe = answered(api("GET", PATH + "/stripe", ""), 200);
    assertThat(stripe.at("/own").asBoolean()).isFalse();
    assertThat(stripe.at("/definition/verification/type").asString()).isEqualTo("hmac");
    JsonNode list = answered(api("GET", PATH, ""), 200).at("/data");
    assertThat(list.valueStream().filter(each -> each.at("/own").asBoolean()))
        .extracting(each -> each.at("/provider").asString())
        .contains("own-listed");
    assertThat(list.valueStream().filter(each -> !each.at("/own").asBoolean()))
        .extracting(each -> each.at("/provider").asString())
        .contains("stripe", "shopify");
    ObjectNode taken = acme("stripe");
    assertThat(fault(api("POST", PATH, wrapped(taken)))).isEqualTo("definition.provider");
    answered(api("PUT", PATH + "/stripe", wrapped(acme("own-listed")), "If-Match", "*"), 400);
    answered(api("DELETE", PATH + "/stripe", "", "If-Match", "*"), 404);
  }

  @Test
  void aWorkspaceHasNoMoreThanFiftyAndTheLastRefusedIsNotThere() {
    List<String> made = new ArrayList<>();
    HttpResponse<String> answer = api("POST", PATH, wrapped(acme("own-many-0")));
    while (answer.statusCode() == 201) {
      made.add("own-many-" + made.size());
      answer = api("POST", PATH, wrapped(acme("own-many-" + made.size())));
    }
    assertThat(answered(answer, 409).at("/code").asString()).isEqualTo("too_many_providers");
    answered(api("GET", PATH + "/own-many-" + made.size(), ""), 404);
    JsonNode list = answered(api("GET", PATH, ""), 200).at("/data");
    assertThat(list.valueStream().filter(each -> each.at("/own").asBoolean())).hasSize(50);
    made.forEach(id -> answered(api("DELETE", PATH + "/" + id, "", "If-Match", "*"), 204));
  }
}
