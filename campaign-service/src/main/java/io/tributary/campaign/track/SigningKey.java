package io.tributary.campaign.track;

import io.tributary.access.Hmac;
import io.tributary.access.SecretBox;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Locale;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The key behind the tokens in links and the hashes of addresses; made once per database, and kept
 * there sealed.
 */
public final class SigningKey {
  private static final int BYTES = 32;
  private static final String PLACE = "campaign.signing_key";
  private final byte[] key;

  private SigningKey(byte[] key) {
    this.key = key.clone();
  }

  /**
   * Reads the stored key, or makes it.
   *
   * @throws IllegalArgumentException if it was sealed with another key
   */
  public static SigningKey load(JdbcClient jdbc, SecretBox box) {
    byte[] fresh = new byte[BYTES];
    new SecureRandom().nextBytes(fresh);
    jdbc.sql("insert into campaign.signing_key (sealed) values (:sealed) on conflict do nothing")
        .param("sealed", box.seal(PLACE, fresh))
        .update();
    return new SigningKey(
        box.open(
            PLACE,
            jdbc.sql("select sealed from campaign.signing_key").query(String.class).single()));
  }

  /** A key for tests. */
  static SigningKey of(byte[] key) {
    return new SigningKey(key);
  }

  /**
   * By what an address is recognized without being known: case doesn't matter, since nearly no mail
   * server tells addresses apart by it, and being suppressed too often is the smaller harm.
   */
  public byte[] addressHash(String workspaceId, String channel, String address) {
    return mac(
        "address", workspaceId + "|" + channel + "|" + address.strip().toLowerCase(Locale.ROOT));
  }

  byte[] mac(String purpose, String text) {
    return Hmac.sha256(key, (purpose + "\0" + text).getBytes(StandardCharsets.UTF_8));
  }
}
