package io.tributary.ingestion.activity;

import java.util.Locale;

/** What is counted by the hour; each is a column of {@code source_hour}. */
enum Counter {
  REQUESTS,
  RETRIED_REQUESTS,
  REFUSED_REQUESTS,
  /** After inflating. */
  BYTES,
  ACCEPTED,
  REFUSED,
  RETRIED_EVENTS,
  WITHOUT_LIBRARY,
  WITHOUT_SENT_AT,
  /** Accepted events whose {@code sentAt} is more than a minute away from when they came. */
  CLOCK_OFF,
  IN_FUTURE;

  String column() {
    return name().toLowerCase(Locale.ROOT);
  }
}
