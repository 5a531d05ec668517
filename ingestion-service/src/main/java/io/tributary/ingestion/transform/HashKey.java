package io.tributary.ingestion.transform;

import io.tributary.access.Hmac;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * What a workspace hashes with: HMAC-SHA256 (RFC 2104), so that nobody without the server's key can
 * find the text of a hash by trying. Within a workspace the same text has the same hash.
 */
public final class HashKey {
  private final byte[] key;

  /** With these bytes as its key. */
  public HashKey(byte[] key) {
    this.key = key.clone();
  }

  /** 64 hexadecimal digits. */
  String hash(String text) {
    return HexFormat.of().formatHex(Hmac.sha256(key, text.getBytes(StandardCharsets.UTF_8)));
  }
}
