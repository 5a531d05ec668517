package io.tributary.ingestion.collect;

import io.tributary.access.WriteKey;
import io.tributary.access.WriteKeys;
import java.util.Optional;

/** Finds what a write key stands for; empty for an unknown or revoked one. */
@FunctionalInterface
public interface KeyLookup {
  /**
   * Looks the key up.
   *
   * @throws WriteKeys.NotKnownYetException when no key can be judged at the moment
   */
  Optional<WriteKey> find(String key);
}
