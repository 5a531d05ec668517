package io.tributary.ingestion.collect;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The write key in an Authorization header. */
final class KeyHeader {
  private static final int MAX_LENGTH = 1_000;

  private KeyHeader() {}

  /**
   * The user name of Basic authentication, with or without the colon behind it. A Bearer token says
   * nothing of the source: its key stands in the body.
   */
  static Optional<String> key(@Nullable String header) {
    if (header == null
        || header.length() > MAX_LENGTH
        || !header.regionMatches(true, 0, "Basic ", 0, 6)) {
      return Optional.empty();
    }
    try {
      String decoded =
          new String(
              Base64.getDecoder().decode(header.substring(6).strip()), StandardCharsets.UTF_8);
      int colon = decoded.indexOf(':');
      String key = (colon < 0 ? decoded : decoded.substring(0, colon)).strip();
      return key.isEmpty() ? Optional.empty() : Optional.of(key);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
