package io.tributary.ingestion.activity;

/**
 * Something about a source that somebody should know.
 *
 * @param code stable, for programs
 * @param message what was found, with the numbers
 * @param action what to do about it
 */
record Finding(String code, Severity severity, String message, String action) {
  /** How bad it is. */
  enum Severity {
    /** Good to know. */
    INFO,
    /** Something may be lost or wrong. */
    WARNING,
    /** Something is lost or wrong. */
    ERROR
  }
}
