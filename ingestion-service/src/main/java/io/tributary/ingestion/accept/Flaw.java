package io.tributary.ingestion.accept;

/** What {@link Screening} finds in the text of an event, valid JSON or not. */
enum Flaw {
  INVALID_UTF8("invalid_utf8", "contains bytes that aren't UTF-8"),
  CONTROL_CHARACTER(
      "control_character", "contains an unescaped control character; write it as an escape"),
  NUL("nul_character", "contains the character U+0000, which can't be stored"),
  LONE_SURROGATE(
      "lone_surrogate", "contains half of a surrogate pair, usually a text that was cut in two"),
  NAME_TOO_LONG("name_too_long", "a field's name has more than " + Limits.NAME_BYTES + " bytes"),
  TOO_DEEP("too_deep", "nests objects or lists more than 32 deep"),
  NUMBER_OUT_OF_RANGE(
      "number_out_of_range",
      "a number may have "
          + Limits.NUMBER_LENGTH
          + " characters and an exponent from -"
          + Limits.EXPONENT
          + " to "
          + Limits.EXPONENT
          + "; send a longer one as text");

  private final String code;
  private final String message;

  Flaw(String code, String message) {
    this.code = code;
    this.message = message;
  }

  Reason at(String path) {
    return new Reason(code, path, message);
  }
}
