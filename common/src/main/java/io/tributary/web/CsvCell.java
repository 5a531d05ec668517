package io.tributary.web;

/** A cell of comma-separated values, for people who open the file in a spreadsheet. */
public final class CsvCell {
  private CsvCell() {}

  /**
   * A cell that no spreadsheet takes for a formula: one that begins like one gets an apostrophe in
   * front.
   */
  public static String of(String text) {
    String safe = !text.isEmpty() && "=+-@\t\r\n".indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
    boolean quoted =
        safe.indexOf(',') >= 0
            || safe.indexOf('"') >= 0
            || safe.indexOf('\n') >= 0
            || safe.indexOf('\r') >= 0;
    return quoted ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
  }
}
