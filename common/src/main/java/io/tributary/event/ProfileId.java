package io.tributary.event;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Optional;
import java.util.UUID;

/** Names one profile. Written as {@code prf_} and 32 lower-case hexadecimal digits. */
public record ProfileId(UUID uuid) implements Comparable<ProfileId> {
  private static final String PREFIX = "prf_";

  /** A new id, later than all that this process made before. */
  public static ProfileId create() {
    return new ProfileId(Ids.uuid());
  }

  /**
   * Reads the written form.
   *
   * @throws IllegalArgumentException when the text isn't a profile id
   */
  @JsonCreator
  public static ProfileId parse(String text) {
    return tryParse(text)
        .orElseThrow(() ->
            new IllegalArgumentException("not a profile id (prf_ and 32 hex digits): " + text));
  }

  /** Reads the written form; empty when the text isn't a profile id. */
  public static Optional<ProfileId> tryParse(String text) {
    if (text.length() != 36 || !text.startsWith(PREFIX)) {
      return Optional.empty();
    }
    for (int i = 4; i < 36; i++) {
      char c = text.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new ProfileId(
            new UUID(
                Long.parseUnsignedLong(text, 4, 20, 16),
                Long.parseUnsignedLong(text, 20, 36, 16))));
  }

  /** Unsigned order of the 128 bits: the order Postgres gives to uuid values. */
  @Override
  public int compareTo(ProfileId other) {
    int high =
        Long.compareUnsigned(uuid.getMostSignificantBits(), other.uuid.getMostSignificantBits());
    return high != 0
        ? high
        : Long.compareUnsigned(
            uuid.getLeastSignificantBits(), other.uuid.getLeastSignificantBits());
  }

  @JsonValue
  @Override
  public String toString() {
    return PREFIX + hex(uuid.getMostSignificantBits()) + hex(uuid.getLeastSignificantBits());
  }

  private static String hex(long bits) {
    String digits = Long.toHexString(bits);
    return "0".repeat(16 - digits.length()) + digits;
  }
}
