package io.tributary.ingestion.governance;

import io.tributary.access.SecretBox;
import io.tributary.ingestion.transform.HashKey;
import io.tributary.ingestion.transform.Locations;
import io.tributary.ingestion.transform.Means;
import java.security.SecureRandom;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What steps of each workspace need. Its key is derived from the server's, and stored nowhere. */
public final class TransformationMeans {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final @Nullable SecretBox box;
  private final Locations locations;

  /**
   * Means of this server.
   *
   * @param encryptionKey empty where there is none: then nothing can be hashed
   */
  TransformationMeans(String encryptionKey, Locations locations) {
    this.box = encryptionKey.isBlank() ? null : new SecretBox(encryptionKey);
    this.locations = locations;
  }

  /** Means with a key that is used once. */
  Means forTrial() {
    byte[] key = new byte[32];
    RANDOM.nextBytes(key);
    return new Means(box == null ? Optional.empty() : Optional.of(new HashKey(key)), locations);
  }

  /** What steps of a workspace can use. */
  public Means of(String workspaceId) {
    Optional<HashKey> key =
        box == null
            ? Optional.empty()
            : Optional.of(new HashKey(box.derived("transformation hash " + workspaceId)));
    return new Means(key, locations);
  }
}
