package io.tributary.ingestion.webhook;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a source knows of its provider, opened.
 *
 * @param keys those that verify: none yet, one, or two while they are exchanged
 * @param verifyToken what a challenge must show
 * @param definition of a provider that the workspace has described itself
 */
public record WebhookKeys(
    String provider, List<String> keys, @Nullable String verifyToken, @Nullable String definition) {
  /** Copies the keys. */
  public WebhookKeys {
    keys = List.copyOf(keys);
  }

  /** Names the provider only. */
  @Override
  public String toString() {
    return "WebhookKeys[" + provider + "]";
  }
}
