package io.tributary.webhook;

import io.tributary.access.Hmac;
import io.tributary.access.SecretBox;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;

/** A secret that signs webhooks as Standard Webhooks says. */
public final class WebhookSecret {
  private static final String PREFIX = "whsec_";
  private static final int BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();
  private final byte[] key;

  private WebhookSecret(byte[] key) {
    this.key = key;
  }

  /**
   * The form of a written secret in which the database keeps it.
   *
   * @param place what it's for and whose it is, such as {@code campaign.secret cmp_01k9…}
   */
  public static String seal(SecretBox box, String place, String text) {
    return box.seal(place, text.getBytes(StandardCharsets.US_ASCII));
  }

  /** What {@link #seal} kept for the same place. */
  public static WebhookSecret open(SecretBox box, String place, String sealed) {
    return parse(new String(box.open(place, sealed), StandardCharsets.US_ASCII));
  }

  /** A new secret in its written form. */
  public static String create() {
    byte[] key = new byte[BYTES];
    RANDOM.nextBytes(key);
    return PREFIX + Base64.getEncoder().encodeToString(key);
  }

  /** Reads the written form. */
  public static WebhookSecret parse(String text) {
    if (!text.startsWith(PREFIX)) {
      throw new IllegalArgumentException("not a webhook secret");
    }
    return new WebhookSecret(Base64.getDecoder().decode(text.substring(PREFIX.length())));
  }

  /** The value of {@code webhook-signature}. */
  String sign(String id, Instant at, byte[] body) {
    byte[] head = (id + "." + at.getEpochSecond() + ".").getBytes(StandardCharsets.UTF_8);
    return "v1," + Base64.getEncoder().encodeToString(Hmac.sha256(key, head, body));
  }
}
