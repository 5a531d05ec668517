package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.demo.Api;
import jakarta.mail.Message;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A person unsubscribes, asks what is known, and is forgotten, everywhere.
 *
 * <ol>
 *   <li>Somebody with a planted mark in name, address and ids is identified, does something, and
 *       sends one event that is refused and lies in quarantine with its bytes.
 *   <li>They enter a segment, and get a mail from a campaign that an event triggers.
 *   <li>They unsubscribe with one click (RFC 8058): the address is listed as suppressed, the next
 *       trigger is skipped, and {@code Email Sent} and {@code Unsubscribed} are on the profile.
 *   <li>Suppressed by e-mail address, they get nothing for that reason alone.
 *   <li>An export holds traits, events, identifiers, deliveries and memberships.
 *   <li>An erasure is done once every service has left its receipt: the profile answers 410, no
 *       identifier finds anybody, no segment has them, deliveries have no address, and the
 *       quarantine has none of their bytes.
 *   <li>No column of any table of the database contains the mark any more, in whatever case. Of the
 *       suppressed address only a keyed hash is left, so that it stays suppressed.
 * </ol>
 */
@ParameterizedClass
@EnumSource(Shape.class)
class PrivacyTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private final Running product;
  private final Api api;
  private final String run = UUID.randomUUID().toString().substring(0, 8);

  /** Never part of a name that somebody configures, so whatever has it is about the person. */
  private final String mark = "planted" + UUID.randomUUID().toString().substring(0, 8);

  private final String address = mark + "@privacy.example";

  PrivacyTest(Shape shape) {
    product = shape.product();
    api = product.api();
  }

  @Test
  void aPersonUnsubscribesAsksWhatIsKnownAndIsForgotten() throws Exception {
    String segment = segment();
    String campaign = campaign();
    String profile = appear();
    await().atMost(LIMIT).until(() -> members(segment).contains(profile));
    await().atMost(LIMIT).until(() -> quarantined() == 1);

    trigger();
    await().atMost(LIMIT).until(() -> mails().size() == 1);
    unsubscribe(mails().getFirst());
    assertThat(api.get("/api/v1/suppressions?address=" + Api.encode(address)).path("data"))
        .hasSize(1);
    trigger();
    await().atMost(LIMIT).until(() -> outcomes(campaign).contains("address_suppressed"));
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(timeline(profile)).contains("Email Sent", "Unsubscribed"));

    JsonNode suppression = request("suppress");
    assertThat(suppression.path("state").asString()).isEqualTo("done");
    trigger();
    await().atMost(LIMIT).until(() -> outcomes(campaign).contains("profile_suppressed"));
    assertThat(mails()).hasSize(1);

    checkExport(segment);
    try (DatabaseScan scan = new DatabaseScan(product)) {
      assertThat(scan.tablesWith(mark))
          .contains(
              "profile.claim",
              "identity.identifier",
              "ingestion.quarantine",
              "campaign.delivery",
              "campaign.suppression",
              "profile.privacy_export");
      erase();
      checkForgotten(segment, campaign, profile);
      assertThat(scan.tablesWith(mark)).isEmpty();
    }
  }

  private String segment() throws Exception {
    ObjectNode definition =
        json(
            """
            {"name": "Privacy %1$s", "condition": {"type": "trait", "trait": "plan", "operator": "equals", "value": "%1$s"}}
            """
                .formatted(run));
    return api.post("/api/v1/segments", definition).path("id").asString();
  }

  private String campaign() throws Exception {
    ObjectNode definition =
        json(
            """
            {"name": "Privacy %1$s", "trigger": {"type": "event", "event": "Basket Left %1$s"},
             "channel": {"type": "email", "from": "shop@privacy.example", "subject": "Hi {{ profile.firstName }}",
               "html": "<p>{{ profile.email }}</p>", "text": "{{ event.properties.note }}"}}
            """
                .formatted(run));
    String id = api.post("/api/v1/campaigns", definition).path("id").asString();
    api.post("/api/v1/campaigns/" + id + "/start");
    return id;
  }

  /** Posts the person's first events, one of which is refused; answers the profile's id. */
  private String appear() throws Exception {
    ObjectNode visit = event("page").put("anonymousId", "device-" + mark).put("name", "Home");
    ObjectNode identify = event("identify").put("anonymousId", "device-" + mark);
    identify.put("userId", "user-" + mark);
    identify.putObject("traits").put("email", address).put("firstName", mark).put("plan", run);
    // Has no event name, and writes the address as people do.
    ObjectNode refused = event("track").put("userId", "user-" + mark);
    refused.putObject("properties").put("note", "Mail to P" + address.substring(1));
    post(List.of(visit, identify, refused));
    return Profiles.find(api, "email:" + address);
  }

  private void trigger() throws Exception {
    ObjectNode event = event("track").put("userId", "user-" + mark);
    event.put("event", "Basket Left " + run).putObject("properties").put("note", "for " + address);
    post(List.of(event));
  }

  private void post(List<ObjectNode> events) throws Exception {
    api.await("/api/v1/profiles?limit=1", List.of(api.collect(events)));
  }

  private static ObjectNode event(String type) {
    return Api.MAPPER
        .createObjectNode()
        .put("type", type)
        .put("messageId", UUID.randomUUID().toString());
  }

  private static ObjectNode json(String text) {
    return (ObjectNode) Api.MAPPER.readTree(text);
  }

  private List<MimeMessage> mails() throws Exception {
    List<MimeMessage> found = new ArrayList<>();
    for (MimeMessage mail : product.mail().getReceivedMessages()) {
      if (mail.getRecipients(Message.RecipientType.TO)[0].toString().contains(address)) {
        found.add(mail);
      }
    }
    return found;
  }

  private static void unsubscribe(MimeMessage mail) throws Exception {
    assertThat(mail.getHeader("List-Unsubscribe-Post", null))
        .isEqualTo("List-Unsubscribe=One-Click");
    String url = mail.getHeader("List-Unsubscribe", null).replaceAll("[<>\\s]", "");
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest click =
          HttpRequest.newBuilder(URI.create(url))
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(HttpRequest.BodyPublishers.ofString("List-Unsubscribe=One-Click"))
              .build();
      assertThat(client.send(click, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
    }
  }

  private List<String> members(String segment) throws Exception {
    List<String> members = new ArrayList<>();
    api.pages(
        "/api/v1/segments/" + segment + "/members",
        member -> members.add(member.path("profileId").asString()));
    return members;
  }

  private List<String> outcomes(String campaign) throws Exception {
    List<String> outcomes = new ArrayList<>();
    api.pages(
        "/api/v1/campaigns/" + campaign + "/deliveries",
        delivery -> outcomes.add(delivery.path("outcome").asString("")));
    return outcomes;
  }

  private List<String> timeline(String profile) throws Exception {
    List<String> names = new ArrayList<>();
    api.pages(
        "/api/v1/profiles/" + profile + "/events",
        event -> names.add(event.path("name").asString(event.path("event").asString(""))));
    return names;
  }

  /** How many entries of the quarantine have the address in their bytes. */
  private long quarantined() throws Exception {
    List<String> ids = new ArrayList<>();
    api.pages("/api/v1/quarantine", entry -> ids.add(entry.path("id").asString()));
    long found = 0;
    for (String id : ids) {
      String text = api.get("/api/v1/quarantine/" + id).path("text").asString("");
      found += text.toLowerCase(java.util.Locale.ROOT).contains(address) ? 1 : 0;
    }
    return found;
  }

  private JsonNode request(String kind) throws IOException, InterruptedException {
    ObjectNode order = Api.MAPPER.createObjectNode().put("kind", kind);
    order.putObject("identifier").put("type", "email").put("value", address);
    return api.post("/api/v1/privacy-requests", order);
  }

  private JsonNode done(JsonNode request) {
    String path = "/api/v1/privacy-requests/" + request.path("id").asString();
    return await()
        .atMost(LIMIT)
        .until(() -> api.get(path), now -> now.path("state").asString().equals("done"));
  }

  private void checkExport(String segment) throws Exception {
    JsonNode request = done(request("export"));
    JsonNode export = api.get(request.path("download").asString());
    assertThat(export.path("profiles").toString()).contains(address, mark);
    assertThat(export.path("identifiers").toString())
        .contains(address, "user-" + mark, "device-" + mark);
    assertThat(export.path("events").size()).isGreaterThanOrEqualTo(7);
    assertThat(export.path("events").toString()).contains("Home", "Email Sent", "Unsubscribed");
    assertThat(export.path("deliveries").toString()).contains(address, "profile_suppressed");
    assertThat(export.path("memberships").toString()).contains(segment);
  }

  private void erase() throws Exception {
    JsonNode request = done(request("erase"));
    assertThat(request.path("services").findValuesAsString("service"))
        .containsExactlyInAnyOrder("profile", "ingestion", "identity", "segment", "campaign");
    assertThat(request.path("services").findValuesAsString("state")).containsOnly("done");
  }

  private void checkForgotten(String segment, String campaign, String profile) throws Exception {
    assertThat(api.answer("GET", "/api/v1/profiles/" + profile, "").statusCode()).isEqualTo(410);
    for (String identifier :
        List.of("email:" + address, "userId:user-" + mark, "anonymousId:device-" + mark)) {
      assertThat(Profiles.find(api, identifier)).as(identifier).isEmpty();
    }
    assertThat(members(segment)).doesNotContain(profile);
    api.pages(
        "/api/v1/campaigns/" + campaign + "/deliveries",
        delivery -> assertThat(delivery.toString()).doesNotContain(mark));
    assertThat(outcomes(campaign)).hasSize(3);
    assertThat(quarantined()).isZero();
    assertThat(api.get("/api/v1/suppressions?address=" + Api.encode(address)).path("data"))
        .as("stays suppressed, by its hash")
        .hasSize(1);
    assertThat(mails()).hasSize(1);
  }
}
