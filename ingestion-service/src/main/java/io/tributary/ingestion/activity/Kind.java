package io.tributary.ingestion.activity;

import java.util.Locale;

/** What is counted by name and day. */
enum Kind {
  /** Accepted events by type, but for tracked ones. */
  TYPE,
  /** Accepted track calls by the name of their event. */
  TRACK,
  /** Accepted events by name and version of the library that sent them. */
  LIBRARY,
  /** Refused events by each of their reasons. */
  REASON,
  /** Refused requests by code. */
  REQUEST,
  /** Requests by the write key that they came with. */
  KEY,
  /** Requests that were turned away since their write key was revoked, or its source is off. */
  REFUSED_KEY,
  /** Accepted events by {@link Skew#bucket}. */
  SKEW;

  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Kind parse(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}
