package io.tributary.ingestion.webhook;

import com.stripe.net.Webhook.Util;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/** What the providers send, signed as they sign, by their own libraries or by openssl. */
public final class Senders {
  /** Every provider there is. */
  public static final List<String> ALL =
      List.of(
          "hubspot",
          "mailchimp",
          "mailgun",
          "mandrill",
          "meta-lead-ads",
          "sendgrid",
          "shopify",
          "square",
          "standard-webhooks",
          "stripe");

  private static final String SECRET = "one_secret_of_thirty_characters";
  private static final String OTHER = "another_secret_of_thirty_chars";
  private static final Path KEY = OpenSsl.newKey();
  private static final Path OTHER_KEY = OpenSsl.newKey();

  /** A request as a provider makes it. */
  public record Sent(String query, Map<String, String> headers, byte[] body) {}

  private Senders() {}

  /** The key by which a source verifies what {@link #send} signs. */
  public static String key(String provider, boolean right) {
    return switch (provider) {
      case "sendgrid" -> OpenSsl.publicKey(right ? KEY : OTHER_KEY);
      case "standard-webhooks" -> "whsec_" + base64(bytes((right ? SECRET : OTHER)));
      default -> right ? SECRET : OTHER;
    };
  }

  /** A payload of its published format, from the test's files. */
  public static String sample(String provider) {
    return resource(provider + (provider.equals("mailchimp") ? ".form" : ".json"));
  }

  /** A file beside the samples. */
  public static String resource(String name) {
    try (InputStream in = Senders.class.getResourceAsStream("/webhook-samples/" + name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new IllegalStateException(name, e);
    }
  }

  /** The providers' files, read as the service reads them. */
  static Providers providers() {
    try {
      Map<String, byte[]> files = new HashMap<>();
      for (var file :
          new PathMatchingResourcePatternResolver(Providers.class.getClassLoader())
              .getResources("classpath*:webhooks/*.json")) {
        files.put(String.valueOf(file.getFilename()), file.getContentAsByteArray());
      }
      return new Providers(files);
    } catch (IOException e) {
      throw new IllegalStateException("no files", e);
    }
  }

  /**
   * Signs a payload.
   *
   * @param url as it's registered at the provider
   * @param right false to sign with a key that the source doesn't know
   */
  public static Sent send(String provider, String url, String payload, Instant at, boolean right) {
    String secret = right ? SECRET : OTHER;
    String seconds = String.valueOf(at.getEpochSecond());
    Map<String, String> headers = new LinkedHashMap<>();
    String query = "";
    String body = payload;
    switch (provider) {
      case "stripe" -> headers.put("Stripe-Signature", stripe(seconds, payload, secret));
      case "standard-webhooks" -> {
        headers.put("webhook-id", "msg_loFOjxBNrRLzqYUf");
        headers.put("webhook-timestamp", seconds);
        headers.put("webhook-signature", standard(at, payload, provider, right));
      }
      case "shopify" -> {
        headers.put("X-Shopify-Topic", "orders/paid");
        headers.put("X-Shopify-Shop-Domain", "acme.myshopify.com");
        headers.put("X-Shopify-Event-Id", "98880550-7158-44d4-b7cd-2c97c8a091b5");
        headers.put("X-Shopify-Triggered-At", "2025-11-26T00:00:01.5Z");
        headers.put("X-Shopify-Hmac-Sha256", base64(hmac("sha256", secret, payload)));
      }
      case "meta-lead-ads" ->
          headers.put("X-Hub-Signature-256", "sha256=" + hex(hmac("sha256", secret, payload)));
      case "square" ->
          headers.put(
              "x-square-hmacsha256-signature", base64(hmac("sha256", secret, url + payload)));
      case "hubspot" -> {
        String millis = String.valueOf(at.toEpochMilli());
        headers.put("X-HubSpot-Request-Timestamp", millis);
        headers.put(
            "X-HubSpot-Signature-v3",
            base64(hmac("sha256", secret, "POST" + url + payload + millis)));
      }
      case "sendgrid" -> {
        headers.put("X-Twilio-Email-Event-Webhook-Timestamp", seconds);
        headers.put(
            "X-Twilio-Email-Event-Webhook-Signature",
            base64(OpenSsl.sign(right ? KEY : OTHER_KEY, bytes(seconds + payload))));
      }
      case "mailgun" -> {
        String token = "c4d7a1" + seconds;
        body =
            payload.replaceFirst(
                "\\{",
                "{\"signature\": {\"timestamp\": \""
                    + seconds
                    + "\", \"token\": \""
                    + token
                    + "\", \"signature\": \""
                    + hex(hmac("sha256", secret, seconds + token))
                    + "\"}, ");
      }
      case "mandrill" -> {
        headers.put(
            "X-Mandrill-Signature",
            base64(hmac("sha1", secret, url + "mandrill_events" + payload)));
        body = "mandrill_events=" + URLEncoder.encode(payload, StandardCharsets.UTF_8);
      }
      case "mailchimp" -> query = "secret=" + secret;
      default -> throw new IllegalArgumentException(provider);
    }
    return new Sent(query, headers, bytes(body));
  }

  private static String stripe(String seconds, String payload, String secret) {
    try {
      return "t="
          + seconds
          + ",v1="
          + Util.computeHmacSha256(secret, seconds + "." + payload)
          + ",v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39";
    } catch (Exception e) {
      throw new IllegalStateException("Stripe's library didn't sign", e);
    }
  }

  private static String standard(Instant at, String payload, String provider, boolean right) {
    try {
      return new com.standardwebhooks.Webhook(key(provider, right))
          .sign("msg_loFOjxBNrRLzqYUf", at.getEpochSecond(), payload);
    } catch (Exception e) {
      throw new IllegalStateException("the library didn't sign", e);
    }
  }

  /** Made by OpenSSL. */
  public static byte[] hmac(String hash, String secret, String content) {
    return OpenSsl.hmac(hash, secret, bytes(content));
  }

  static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
