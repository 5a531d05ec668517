package io.tributary.standalone;

import io.tributary.embedded.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * The first write key and the first API token. They are made once per data directory;
 * ingestion-service registers them at its start when it doesn't know them yet.
 *
 * @param writeKey of the first source; public, may only append
 * @param apiToken with all scopes
 * @param encryptionKey seals what the database keeps of secrets
 */
record Keys(String writeKey, String apiToken, String encryptionKey) {

  /** The setting with which an operator brings a key of their own. */
  static final String ENCRYPTION_KEY = "TRIBUTARY_ENCRYPTION_KEY";

  static Keys in(Path data) throws IOException {
    return new Keys(
        Secret.readOrCreate(data.resolve("write-key"), "", 32),
        Secret.readOrCreate(data.resolve("api-token"), "trb_", 40),
        Secret.readOrCreate(data.resolve("encryption-key"), "", 43));
  }

  Map<String, String> settings() {
    return Map.of(
        "tributary.bootstrap.write-key",
        writeKey,
        "tributary.bootstrap.api-token",
        apiToken,
        ENCRYPTION_KEY,
        encryptionKey);
  }
}
