package io.tributary.ingestion.accept;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The SDK that an event says it was sent by, {@code context.library}.
 *
 * @param name at most 64 characters
 * @param version at most 32 characters; empty where it says none
 */
public record Library(String name, String version) {
  private static final int NAME_LENGTH = 64;
  private static final int VERSION_LENGTH = 32;

  /** Reads the field; null where it names no library. */
  static @Nullable Library of(Field field) {
    String name = text(field.parts().get("name"), NAME_LENGTH);
    return name.isEmpty()
        ? null
        : new Library(name, text(field.parts().get("version"), VERSION_LENGTH));
  }

  /** Whether two fields have the same bytes, so that only one of them needs to be read. */
  static boolean areSame(Field one, Field other) {
    return Arrays.equals(
        one.source(), one.from(), one.to(), other.source(), other.from(), other.to());
  }

  private static String text(@Nullable Field field, int length) {
    if (field == null || !(field.isText() || field.isNumber())) {
      return "";
    }
    // What's far too long needn't be decoded: a character has 6 bytes at most, as an escape.
    if (field.length() > 6 * 4 * length) {
      return "";
    }
    String text = field.text().strip();
    if (text.length() <= length) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
    return text.substring(0, end);
  }
}
