package io.tributary.ingestion.destination;

import io.tributary.event.Json;
import io.tributary.event.JsonBytes;
import io.tributary.event.ProfileId;
import io.tributary.event.RawJson;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;

/**
 * Something that a destination is told.
 *
 * @param id the same whenever the same thing is told, so that the receiver can know it again
 * @param profile whom it's about; messages about one profile keep their order
 * @param home the profile whose erasure takes it away; the same or one that was merged into it
 * @param body JSON with type, timestamp and data, as Standard Webhooks says
 */
record Message(String id, ProfileId profile, ProfileId home, String type, byte[] body) {
  private static final int ID_BYTES = 18;

  static Message of(
      String id, ProfileId profile, ProfileId home, String type, Instant at, byte[] data) {
    byte[] body =
        new JsonBytes(data.length + 100)
            .plain("type", type)
            .plain("timestamp", at)
            .raw("data", RawJson.slice(data))
            .close();
    return new Message(id, profile, home, type, body);
  }

  /** Its body as text. */
  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** When what it tells happened, as its body says. */
  Instant timestamp() {
    return Instant.parse(Json.MAPPER.readTree(body).path("timestamp").asString());
  }

  /** An id made of what names the thing: no dots, as the signature needs it. */
  static String id(String... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : parts) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
        digest.update(bytes);
      }
      byte[] hash = java.util.Arrays.copyOf(digest.digest(), ID_BYTES);
      return "msg_" + Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Neither whom it's about nor what it says. */
  @Override
  public String toString() {
    return "Message[" + id + "]";
  }
}
