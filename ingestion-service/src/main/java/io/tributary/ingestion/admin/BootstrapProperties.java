package io.tributary.ingestion.admin;

import io.tributary.access.Secrets;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Settings {@code tributary.bootstrap}: what the first workspace is created with. Without them
 * nothing is created; there is no default token or key.
 *
 * @param writeKey of a first server source
 * @param apiToken may do everything; replacing it revokes the one before
 * @param metricsToken may read metrics, nothing else; replacing it revokes the one before
 */
@ConfigurationProperties(value = "tributary.bootstrap", ignoreUnknownFields = false)
record BootstrapProperties(
    @Nullable String writeKey, @Nullable String apiToken, @Nullable String metricsToken) {
  BootstrapProperties {
    writeKey = writeKey == null || writeKey.isBlank() ? null : writeKey;
    apiToken = token("api-token", apiToken);
    metricsToken = token("metrics-token", metricsToken);
    if (writeKey != null && !Secrets.looksLikeWriteKey(writeKey)) {
      throw new IllegalArgumentException(
          "tributary.bootstrap.write-key must be 20 to 64 letters and digits");
    }
  }

  private static @Nullable String token(String name, @Nullable String token) {
    if (token == null || token.isBlank()) {
      return null;
    }
    if (!Secrets.looksLikeToken(token)) {
      throw new IllegalArgumentException(
          "tributary.bootstrap." + name + " must be trb_ and 32 to 64 letters and digits");
    }
    return token;
  }

  boolean isEmpty() {
    return writeKey == null && apiToken == null && metricsToken == null;
  }

  @Override
  public String toString() {
    return "BootstrapProperties[]"; // never the token
  }
}
