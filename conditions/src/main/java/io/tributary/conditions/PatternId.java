package io.tributary.conditions;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/** Derives a pattern's id from its canonical JSON: the printed pattern with its filters sorted. */
final class PatternId {

  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
  private static final int CHARACTERS = 26;

  private PatternId() {}

  static String of(EventPattern pattern) {
    List<String> filters =
        pattern.where().stream().map(ConditionPrinter::filterJson).distinct().sorted().toList();
    String canonical =
        ConditionPrinter.text(pattern.type().wireName())
            + (pattern.name() == null ? "null" : ConditionPrinter.text(pattern.name()))
            + filters;
    return base32(sha256(canonical));
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String base32(byte[] bytes) {
    StringBuilder text = new StringBuilder(CHARACTERS);
    for (int i = 0; i < CHARACTERS; i++) {
      int bit = i * 5;
      int window = (bytes[bit / 8] & 0xff) << 8 | (bytes[bit / 8 + 1] & 0xff);
      text.append(ALPHABET.charAt((window >> (11 - bit % 8)) & 31));
    }
    return text.toString();
  }
}
