package io.tributary.ingestion.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.event.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import tools.jackson.databind.JsonNode;

/** What the payloads of each provider become. */
class MappingTest {
  private static final Providers PROVIDERS = Senders.providers();
  private static final Pattern HASH = Pattern.compile("@HASH:([^@]+@[^@]+)@");

  private static List<JsonNode> calls(String provider, String payload) throws Exception {
    Senders.Sent sent =
        Senders.send(provider, "https://e.org/v1/webhooks/k", payload, Instant.EPOCH, true);
    return calls(provider, sent.headers(), sent.body());
  }

  private static List<JsonNode> calls(String provider, Map<String, String> headers, byte[] body)
      throws Exception {
    Incoming request = new Incoming("POST", "https://e.org/v1/webhooks/k", "", headers, body);
    return PROVIDERS
        .find(provider)
        .orElseThrow()
        .batches(request, "src_1")
        .flatMap(MappingTest::each)
        .toList();
  }

  private static Stream<JsonNode> each(byte[] batch) {
    return StreamSupport.stream(Json.MAPPER.readTree(batch).get("batch").spliterator(), false);
  }

  private static byte[] json(String text) {
    return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @FieldSource("io.tributary.ingestion.webhook.Senders#ALL")
  void thePublishedPayloadBecomesTheseCalls(String provider) throws Exception {
    JsonNode expected = Json.MAPPER.readTree(hashed(Senders.resource(provider + ".expected.json")));
    List<JsonNode> calls = calls(provider, Senders.sample(provider));
    assertThat(calls.toString()).isNotBlank();
    assertThat(Json.MAPPER.readTree(calls.toString())).isEqualTo(expected);
  }

  @ParameterizedTest
  @FieldSource("io.tributary.ingestion.webhook.Senders#ALL")
  void aRetryHasTheSameMessageIds(String provider) throws Exception {
    List<JsonNode> first = calls(provider, Senders.sample(provider));
    assertThat(calls(provider, Senders.sample(provider))).isEqualTo(first);
    assertThat(first)
        .extracting(call -> call.get("messageId").asString())
        .doesNotHaveDuplicates()
        .allMatch(id -> id.startsWith(provider + ":") && id.length() < 100);
  }

  @ParameterizedTest
  @FieldSource("io.tributary.ingestion.webhook.Senders#ALL")
  void whatLacksItsFieldsIsTakenAsFarAsItGoes(String provider) throws Exception {
    byte[] body =
        switch (provider) {
          case "mailchimp" -> json("x=1");
          case "mandrill" -> json("mandrill_events=%5B%7B%22x%22%3A1%7D%5D");
          default -> json("{'x': 1}");
        };
    List<JsonNode> calls = calls(provider, Map.of(), body);
    assertThat(calls).hasSize(1);
    JsonNode call = calls.getFirst();
    assertThat(call.at("/type").asString()).isEqualTo("track");
    assertThat(call.at("/event").asString()).isEqualTo(provider);
    assertThat(call.at("/anonymousId").asString()).isEqualTo(provider + ":src_1");
    assertThat(call.at("/messageId").asString()).startsWith(provider + ":").hasSizeGreaterThan(40);
    assertThat(call.at("/properties/x").asString()).isEqualTo("1");
  }

  @Test
  void aTypeThatNobodyKnowsKeepsItsNameAndItsFields() throws Exception {
    List<JsonNode> calls =
        calls(
            "stripe",
            Map.of(),
            json(
                "{'id':'evt_2','type':'radar.early_fraud_warning.created','data':{'object':{'id':'i'}}}"));
    assertThat(calls.getFirst().at("/event").asString())
        .isEqualTo("radar.early_fraud_warning.created");
    assertThat(calls.getFirst().at("/messageId").asString()).isEqualTo("stripe:evt_2");
    assertThat(calls.getFirst().at("/properties/data/object/id").asString()).isEqualTo("i");
    assertThat(calls.getFirst().at("/properties/type").isMissingNode()).isFalse();
  }

  @Test
  void aRuleForAllBelowATypeServesThoseWithoutTheirOwn() throws Exception {
    assertThat(square("PENDING").at("/event").asString()).isEqualTo("Payment Updated");
    assertThat(square("PENDING").at("/messageId").asString()).isEqualTo("square:e1");
    assertThat(square("COMPLETED").at("/event").asString()).isEqualTo("Order Completed");
    assertThat(square("COMPLETED").at("/messageId").asString())
        .as("one sale, however often Square tells of it")
        .isEqualTo("square:p1:COMPLETED");
  }

  private static JsonNode square(String status) throws Exception {
    String payment =
        "{'type':'payment.updated','event_id':'e1','data':{'object':{'payment':{'id':'p1','status':'"
            + status
            + "'}}}}";
    return calls("square", Map.of(), json(payment)).getFirst();
  }

  @Test
  void amountsAreInTheCurrencyNotInItsSmallestUnits() throws Exception {
    assertThat(stripeTotal("500", "jpy")).isEqualTo("500");
    assertThat(stripeTotal("500", "usd")).isEqualTo("5.0");
    assertThat(stripeTotal("500", "isk")).as("two digits at Stripe").isEqualTo("5.0");
    assertThat(stripeTotal("5000", "kwd")).isEqualTo("5.0");
    assertThat(stripeTotal("1e999999999", "usd")).isEmpty();
    assertThat(stripeTotal("12.5", "usd")).isEmpty();
  }

  private static String stripeTotal(String amount, String currency) throws Exception {
    String session =
        "{'type':'checkout.session.completed','data':{'object':{'amount_total':"
            + amount
            + ",'currency':'"
            + currency
            + "'}}}";
    return calls("stripe", Map.of(), json(session)).getFirst().at("/properties/total").asString("");
  }

  @Test
  void refundsAreSummedUp() throws Exception {
    String refund =
        "{'id':1,'order_id':2,'transactions':[{'amount':'1.10','currency':'EUR'},{'amount':'2.20'},{'amount':'1e99999'},{}]}";
    JsonNode call =
        calls("shopify", Map.of("x-shopify-topic", "refunds/create"), json(refund)).getFirst();
    assertThat(call.at("/event").asString()).isEqualTo("Order Refunded");
    assertThat(call.at("/properties/total").decimalValue()).isEqualByComparingTo("3.30");
    assertThat(call.at("/messageId").asString()).matches("shopify:[A-Za-z0-9_-]{43}");
  }

  @Test
  void manyItemsComeInSeveralBatches() throws Exception {
    String items =
        "[" + "{'event':'open','email':'a@example.org','sg_event_id':'i'},".repeat(1100) + "7]";
    Incoming request = new Incoming("POST", "https://e.org", "", Map.of(), json(items));
    List<Integer> sizes =
        PROVIDERS
            .find("sendgrid")
            .orElseThrow()
            .batches(request, "src_1")
            .map(batch -> (int) each(batch).count())
            .toList();
    assertThat(sizes).containsExactly(500, 500, 101);
    assertThat(calls("sendgrid", Map.of(), json("[]"))).isEmpty();
  }

  @Test
  void halfASurrogatePairComesThroughToTheCheckThatRefusesIt() throws Exception {
    byte[] body = json("{'type':'Odd','data':{'note':'\\ud83d','ok':'ü'}}");
    assertThat(calls("standard-webhooks", Map.of(), body).getFirst().at("/event").asString())
        .isEqualTo("Odd");
  }

  @Test
  void whatIsNoJsonIsUnreadable() {
    for (String body : List.of("", "{", "nonsense", "{} {}", "[".repeat(2000))) {
      assertThatThrownBy(() -> calls("stripe", Map.of(), json(body)))
          .as(body)
          .isInstanceOf(Provider.UnreadableException.class);
    }
  }

  @Test
  void aFileThatIsWrongSaysWhich() {
    assertThatThrownBy(() -> new Providers(Map.of("acme.json", json("{'provider':'acme','x':1}"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("webhooks/acme.json: ");
    assertThat(PROVIDERS.all())
        .extracting(Provider::provider)
        .containsExactlyElementsOf(Senders.ALL);
  }

  private static String hashed(String expected) throws Exception {
    Matcher matcher = HASH.matcher(expected);
    StringBuilder out = new StringBuilder();
    while (matcher.find()) {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(matcher.group(1).getBytes(StandardCharsets.UTF_8));
      matcher.appendReplacement(out, Base64.getUrlEncoder().withoutPadding().encodeToString(hash));
    }
    return matcher.appendTail(out).toString();
  }
}
