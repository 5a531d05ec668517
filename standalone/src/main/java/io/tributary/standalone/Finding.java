package io.tributary.standalone;

/**
 * What the doctor found about one thing.
 *
 * @param well whether it's as it should be
 * @param subject the thing
 * @param state what was seen
 * @param cure what to do; empty when all is well
 */
record Finding(boolean well, String subject, String state, String cure) {

  static Finding well(String subject, String state) {
    return new Finding(true, subject, state, "");
  }

  static Finding wrong(String subject, String state, String cure) {
    return new Finding(false, subject, state, cure);
  }

  String line() {
    return (well ? "ok     " : "WRONG  ")
        + subject
        + ": "
        + state
        + (cure.isEmpty() ? "" : ". What to do: " + cure + ".");
  }
}
