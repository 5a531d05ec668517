package io.tributary.ingestion.webhook;

import io.tributary.access.SecretBox;
import io.tributary.event.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Seals and opens what sources know of their providers. */
public final class WebhookSecrets {
  private final @Nullable SecretBox box;

  /**
   * With the setting {@code TRIBUTARY_ENCRYPTION_KEY}.
   *
   * @param encryptionKey empty where there is none: then nothing can be sealed or opened
   */
  public WebhookSecrets(String encryptionKey) {
    this.box = encryptionKey.isBlank() ? null : new SecretBox(encryptionKey);
  }

  /** There is no encryption key. */
  public static final class NoKeyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoKeyException() {
      super("TRIBUTARY_ENCRYPTION_KEY isn't set");
    }
  }

  /**
   * The form in which the database keeps a secret of this source.
   *
   * @throws NoKeyException without an encryption key
   */
  public String seal(String sourceId, String secret) {
    return box().seal(place(sourceId), secret.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Opens what {@code access.v_write_key} says of a source.
   *
   * @param webhook JSON with {@code provider}, {@code key}, {@code previousKey}, {@code
   *     verifyToken}, sealed or null, and {@code definition}, a text or null
   * @throws NoKeyException without an encryption key
   * @throws IllegalArgumentException if the encryption key is another one
   */
  public WebhookKeys open(String sourceId, String webhook) {
    JsonNode row = Json.MAPPER.readTree(webhook);
    List<String> keys = new ArrayList<>(2);
    for (String name : List.of("key", "previousKey")) {
      String key = opened(sourceId, row.path(name));
      if (key != null) {
        keys.add(key);
      }
    }
    return new WebhookKeys(
        row.path("provider").asString(),
        keys,
        opened(sourceId, row.path("verifyToken")),
        row.path("definition").isString() ? row.path("definition").stringValue() : null);
  }

  private @Nullable String opened(String sourceId, JsonNode sealed) {
    return sealed.isString()
        ? new String(box().open(place(sourceId), sealed.stringValue()), StandardCharsets.UTF_8)
        : null;
  }

  private SecretBox box() {
    if (box == null) {
      throw new NoKeyException();
    }
    return box;
  }

  private static String place(String sourceId) {
    return "source.webhook " + sourceId;
  }
}
