package io.tributary.ingestion.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.testing.MutableClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each way of signing, signed by somebody else than the code under test. */
class VerificationTest {
  private static final String URL = "https://events.example.org/v1/webhooks/abc";
  private static final Providers PROVIDERS = Senders.providers();
  private final MutableClock clock = MutableClock.at("2025-11-25T20:00:00Z");

  private static Provider provider(String id) {
    return PROVIDERS.find(id).orElseThrow();
  }

  private Senders.Sent sent(String provider, boolean right) {
    return Senders.send(provider, URL, Senders.sample(provider), clock.instant(), right);
  }

  private static Incoming incoming(Senders.Sent sent, byte[] body) {
    return new Incoming("POST", URL, sent.query(), sent.headers(), body);
  }

  private Check check(String provider, Incoming request, String... keys) throws Exception {
    WebhookKeys known = new WebhookKeys(provider, List.of(keys), null, null);
    return provider(provider).check(request, known, clock.instant());
  }

  private static String key(String provider) {
    return Senders.key(provider, true);
  }

  @ParameterizedTest
  @FieldSource("io.tributary.ingestion.webhook.Senders#ALL")
  void whatTheProviderSignedIsGenuineAndWhatAnotherSignedIsForged(String provider)
      throws Exception {
    Senders.Sent genuine = sent(provider, true);
    Senders.Sent forged = sent(provider, false);
    String other = Senders.key(provider, false);

    assertThat(check(provider, incoming(genuine, genuine.body()), key(provider)))
        .isEqualTo(Check.GENUINE);
    assertThat(check(provider, incoming(forged, forged.body()), key(provider)))
        .isEqualTo(Check.FORGED);
    assertThat(check(provider, incoming(forged, forged.body()), key(provider), other))
        .as("while keys are exchanged")
        .isEqualTo(Check.GENUINE);
    assertThat(check(provider, incoming(genuine, genuine.body()))).isEqualTo(Check.FORGED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hubspot",
        "mandrill",
        "meta-lead-ads",
        "sendgrid",
        "shopify",
        "square",
        "standard-webhooks",
        "stripe"
      })
  void oneByteOfTheBodyChangedIsForged(String provider) throws Exception {
    Senders.Sent sent = sent(provider, true);
    byte[] changed = sent.body().clone();
    changed[changed.length - 3] ^= 1;
    assertThat(check(provider, incoming(sent, changed), key(provider))).isEqualTo(Check.FORGED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hubspot", "mandrill", "square"})
  void theAddressIsThatOfTheSettings(String provider) throws Exception {
    Senders.Sent sent = sent(provider, true);
    Incoming elsewhere = new Incoming("POST", URL + "d", sent.query(), sent.headers(), sent.body());
    assertThat(check(provider, elsewhere, key(provider))).isEqualTo(Check.FORGED);
  }

  @ParameterizedTest
  @CsvSource({
    "stripe,300",
    "standard-webhooks,300",
    "hubspot,300",
    "sendgrid,90000",
    "mailgun,32400"
  })
  void aSignatureIsGoodForItsTimeEitherWay(String provider, long seconds) throws Exception {
    Senders.Sent sent = sent(provider, true);
    Incoming request = incoming(sent, sent.body());
    Instant signed = clock.instant();

    clock.advance(Duration.ofSeconds(seconds));
    assertThat(check(provider, request, key(provider))).isEqualTo(Check.GENUINE);
    clock.advance(Duration.ofSeconds(1));
    assertThat(check(provider, request, key(provider))).isEqualTo(Check.STALE);
    assertThat(check(provider, request, Senders.key(provider, false)))
        .as("who doesn't hold the key doesn't learn that it's the time")
        .isEqualTo(Check.FORGED);
    clock.advance(Duration.between(clock.instant(), signed.minusSeconds(seconds + 1)));
    assertThat(check(provider, request, key(provider))).isEqualTo(Check.STALE);
  }

  @ParameterizedTest
  @FieldSource("io.tributary.ingestion.webhook.Senders#ALL")
  void nothingIsMissingAndNonsenseIsForged(String provider) throws Exception {
    Senders.Sent sent = sent(provider, true);
    boolean inBody = provider.equals("mailgun");
    byte[] body = inBody ? "{}".getBytes(StandardCharsets.UTF_8) : sent.body();
    Incoming bare = new Incoming("POST", URL, "", Map.of(), body);
    assertThat(check(provider, bare, key(provider))).isEqualTo(Check.MISSING);
    assertThat(provider(provider).verification().isSigned(bare)).isEqualTo(inBody);

    for (String nonsense : List.of("", "t=,v1=", "v1,", "sha256=zz", "é%", "A".repeat(20_000))) {
      Map<String, String> headers = new LinkedHashMap<>();
      sent.headers().forEach((name, value) -> headers.put(name, nonsense));
      byte[] odd =
          "{\"signature\": {\"timestamp\": \"x\", \"token\": {}, \"signature\": \"zz\"}}"
              .getBytes(StandardCharsets.UTF_8);
      Incoming request =
          new Incoming("POST", URL, "secret=" + nonsense, headers, inBody ? odd : sent.body());
      assertThat(check(provider, request, key(provider)))
          .as(nonsense)
          .isIn(Check.FORGED, Check.MISSING);
    }
  }

  @Test
  void oneOfSeveralSignaturesSuffices() throws Exception {
    Senders.Sent old = sent("standard-webhooks", true);
    Senders.Sent rotated = sent("standard-webhooks", false);
    Map<String, String> both = new LinkedHashMap<>(old.headers());
    both.merge(
        "webhook-signature",
        rotated.headers().getOrDefault("webhook-signature", ""),
        (a, b) -> b + " " + a);
    Incoming request = new Incoming("POST", URL, "", both, old.body());
    assertThat(check("standard-webhooks", request, key("standard-webhooks")))
        .isEqualTo(Check.GENUINE);
  }

  @Test
  void aBodyThatHidesItsSignatureIsUnreadable() {
    Incoming request =
        new Incoming("POST", URL, "", Map.of(), "{\"signature\"".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> check("mailgun", request, key("mailgun")))
        .isInstanceOf(Provider.UnreadableException.class);
  }

  @Test
  void aPublicKeyMayStandBetweenTheLinesOfPem() {
    String key = key("sendgrid");
    String pem = "-----BEGIN PUBLIC KEY-----\n" + key + "\n-----END PUBLIC KEY-----\n";
    assertThat(provider("sendgrid").fault(key)).isEmpty();
    assertThat(provider("sendgrid").fault(pem)).isEmpty();
    assertThat(provider("sendgrid").fault("whsec_c2VjcmV0")).isPresent();
  }

  @Test
  void aChallengeIsAnsweredForTheAgreedTokenOnly() {
    Handshake.Challenge challenge =
        (Handshake.Challenge) Objects.requireNonNull(provider("meta-lead-ads").handshake());
    String token = "a-token-of-our-own-making";
    assertThat(challenge.answer(asked(token, "1158201444"), token)).contains("1158201444");
    assertThat(challenge.answer(asked("another", "1158201444"), token)).isEmpty();
    assertThat(challenge.answer(asked(token, "1158201444"), null)).isEmpty();
    assertThat(challenge.answer(asked(token, "%3Cscript%3E"), token)).isEmpty();
  }

  private static Incoming asked(String token, String challenge) {
    String query = "hub.mode=subscribe&hub.verify_token=" + token + "&hub.challenge=" + challenge;
    return new Incoming("GET", URL + "?" + query, query, Map.of(), new byte[0]);
  }
}
