package io.tributary.access;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Keeps secrets that must be read again (such as those that sign webhooks) encrypted in the
 * database: AES-256-GCM, a random nonce each, bound to the place where it is kept, so that a sealed
 * secret moved to another row doesn't open. The key comes from the setting {@code
 * TRIBUTARY_ENCRYPTION_KEY} by HKDF-SHA256 (RFC 5869) and is in no database.
 *
 * <p>Sealed form: {@code v1.} and Base64url of nonce (12 bytes), ciphertext and tag (16 bytes).
 */
public final class SecretBox {
  /** The fewest characters that a key may have: random letters and digits have 190 bits then. */
  public static final int MIN_KEY_LENGTH = 32;

  private static final String VERSION = "v1.";
  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final SecureRandom RANDOM = new SecureRandom();
  private final SecretKey key;
  private final byte[] root;

  /**
   * A box with this key.
   *
   * @throws IllegalArgumentException for a key with fewer than {@value #MIN_KEY_LENGTH} characters
   */
  public SecretBox(String encryptionKey) {
    if (encryptionKey.strip().length() < MIN_KEY_LENGTH) {
      throw new IllegalArgumentException(
          "TRIBUTARY_ENCRYPTION_KEY must be set to a random text of "
              + MIN_KEY_LENGTH
              + " characters at least (for example by: openssl rand -base64 33). Keep it: what it"
              + " sealed can't be read without it.");
    }
    this.key = new SecretKeySpec(expanded(encryptionKey, "tributary secret box"), "AES");
    this.root = expanded(encryptionKey, "tributary derived keys");
  }

  private static byte[] expanded(String encryptionKey, String purpose) {
    try {
      return KDF.getInstance("HKDF-SHA256")
          .deriveData(
              HKDFParameterSpec.ofExtract()
                  .addIKM(encryptionKey.strip().getBytes(StandardCharsets.UTF_8))
                  .thenExpand(purpose.getBytes(StandardCharsets.UTF_8), 32));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HKDF-SHA256", e);
    }
  }

  /** A key of 32 bytes for a purpose: the same for the same, and telling nothing of any other. */
  public byte[] derived(String purpose) {
    return Hmac.sha256(root, purpose.getBytes(StandardCharsets.UTF_8));
  }

  /** Encrypts a secret for the place where it will be kept. */
  public String seal(String place, byte[] secret) {
    byte[] nonce = new byte[NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    try {
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, place).doFinal(secret);
      byte[] all = ByteBuffer.allocate(nonce.length + sealed.length).put(nonce).put(sealed).array();
      return VERSION + Base64.getUrlEncoder().withoutPadding().encodeToString(all);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + CIPHER, e);
    }
  }

  /**
   * Decrypts what {@link #seal} made for the same place with the same key.
   *
   * @throws IllegalArgumentException if the key is another one, or the text was changed or moved
   */
  public byte[] open(String place, String sealed) {
    if (!sealed.startsWith(VERSION)) {
      throw new IllegalArgumentException("not a sealed secret");
    }
    byte[] all = Base64.getUrlDecoder().decode(sealed.substring(VERSION.length()));
    if (all.length < NONCE_BYTES + TAG_BITS / 8) {
      throw new IllegalArgumentException("a sealed secret is longer");
    }
    ByteBuffer in = ByteBuffer.wrap(all);
    byte[] nonce = new byte[NONCE_BYTES];
    in.get(nonce);
    byte[] rest = new byte[in.remaining()];
    in.get(rest);
    try {
      return cipher(Cipher.DECRYPT_MODE, nonce, place).doFinal(rest);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "A stored secret doesn't open: TRIBUTARY_ENCRYPTION_KEY isn't the one that sealed it, or"
              + " the stored text was changed.",
          e);
    }
  }

  private Cipher cipher(int mode, byte[] nonce, String place) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(CIPHER);
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(place.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
