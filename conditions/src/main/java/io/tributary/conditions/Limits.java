package io.tributary.conditions;

/** How large a condition may be. */
final class Limits {
  static final int MAX_DEPTH = 10;
  static final int MAX_NODES = 200;
  static final int MAX_VALUES = 500;
  static final int MAX_FILTERS = 20;
  static final int MAX_TEXT = 1000;
  static final int MAX_NAME = 300;

  private Limits() {}

  static void requireText(String text) {
    if (text.isEmpty() || text.length() > MAX_TEXT || !isStorable(text)) {
      throw new IllegalArgumentException(
          "a text has 1 to " + MAX_TEXT + " characters and no NUL or broken surrogates");
    }
  }

  /** True when Postgres can hold the text: no NUL character, no half of a surrogate pair. */
  static boolean isStorable(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0 || Character.isLowSurrogate(c)) {
        return false;
      }
      if (Character.isHighSurrogate(c)
          && (++i == text.length() || !Character.isLowSurrogate(text.charAt(i)))) {
        return false;
      }
    }
    return true;
  }
}
