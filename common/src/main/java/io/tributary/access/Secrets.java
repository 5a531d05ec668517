package io.tributary.access;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.regex.Pattern;

/** Makes API tokens and write keys, finds tokens in requests, and hashes them. */
public final class Secrets {
  /** What every API token begins with, so that leaked ones are found by scanners. */
  public static final String TOKEN_PREFIX = "trb_";

  private static final char[] LETTERS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".toCharArray();
  private static final Pattern TOKEN = Pattern.compile("trb_[0-9A-Za-z]{32,64}");
  private static final Pattern WRITE_KEY = Pattern.compile("[0-9A-Za-z]{20,64}");
  private static final SecureRandom RANDOM = new SecureRandom();

  private Secrets() {}

  /** A new API token: the prefix and 43 random letters, 256 bits. */
  public static String token() {
    return TOKEN_PREFIX + letters(43);
  }

  /** A new write key: 32 random letters. Public by nature: it stands in web pages. */
  public static String writeKey() {
    return letters(32);
  }

  /** Whether this can be an API token at all. */
  public static boolean looksLikeToken(String text) {
    return TOKEN.matcher(text).matches();
  }

  /** Whether this can be a write key at all. */
  public static boolean looksLikeWriteKey(String text) {
    return WRITE_KEY.matcher(text).matches();
  }

  /** SHA-256: enough for 256 random bits, and the only form in which a token is stored. */
  public static byte[] hash(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The token that the header {@code Authorization} brings as {@code Bearer}, if it does. */
  public static Optional<String> bearer(HttpServletRequest request) {
    String header = request.getHeader("Authorization");
    return header == null || !header.regionMatches(true, 0, "Bearer ", 0, 7)
        ? Optional.empty()
        : Optional.of(header.substring(7).strip());
  }

  private static String letters(int count) {
    StringBuilder text = new StringBuilder(count);
    for (int i = 0; i < count; i++) {
      text.append(LETTERS[RANDOM.nextInt(LETTERS.length)]);
    }
    return text.toString();
  }
}
