package io.tributary.ingestion.accept;

import org.jspecify.annotations.Nullable;

/** Texts of refused events, which may hold what Postgres can't store. */
final class Storable {
  private Storable() {}

  /** The text, or null if it can't be stored. */
  static @Nullable String orNull(@Nullable String text) {
    return text == null || !mended(text).equals(text) ? null : text;
  }

  /** The text with a question mark for each character that can't be stored or shown. */
  static String mended(String text) {
    StringBuilder mended = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> c < 0x20 || (c >= 0xd800 && c <= 0xdfff) ? '?' : c)
        .forEach(mended::appendCodePoint);
    return mended.toString();
  }
}
