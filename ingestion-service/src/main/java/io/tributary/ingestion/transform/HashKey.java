package io.tributary.ingestion.transform;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a workspace hashes with: HMAC-SHA256 (RFC 2104), so that nobody without the server's key can
 * find the text of a hash by trying. Within a workspace the same text has the same hash.
 */
public final class HashKey {
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  /** With these bytes as its key. */
  public HashKey(byte[] key) {
    this.key = new SecretKeySpec(key, ALGORITHM);
  }

  /** 64 hexadecimal digits. */
  String hash(String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }
}
