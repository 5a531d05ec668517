package io.tributary.ingestion.transform;

/** Texts of which too little is left to tell whose they are. */
final class Masks {
  private static final String HIDDEN = "***";
  private static final int SHORT = 6;

  private Masks() {}

  /**
   * Of an e-mail address its first character (of several) and its domain, of a text of more than
   * six characters its last two, of a shorter one nothing.
   */
  static String mask(String text) {
    int at = text.lastIndexOf('@');
    if (at > 0) {
      int first = text.offsetByCodePoints(0, 1);
      return (first < at ? text.substring(0, first) : "") + HIDDEN + text.substring(at);
    }
    return text.codePointCount(0, text.length()) <= SHORT
        ? HIDDEN
        : HIDDEN + text.substring(text.offsetByCodePoints(text.length(), -2));
  }
}
