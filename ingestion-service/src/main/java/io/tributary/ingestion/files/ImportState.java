package io.tributary.ingestion.files;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How far an import is. */
enum ImportState {
  /** Its file is being uploaded. */
  OPEN,
  /** Its rows are read and judged; none is taken. */
  CHECKING,
  /** All rows were judged; it can start. */
  CHECKED,
  /** Its rows become events. */
  RUNNING,
  /** All rows were taken or refused. */
  DONE,
  /** Its file can't be read to its end; the problem says why. */
  FAILED,
  /** Somebody ended it, or nobody went on with it for a week. */
  CANCELLED;

  /** The lower-case name used in JSON and in the database. */
  @JsonValue
  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  static ImportState parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }

  /** Whether somebody works on it. */
  boolean isAtWork() {
    return this == CHECKING || this == RUNNING;
  }
}
