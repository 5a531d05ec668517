package io.tributary.ingestion.activity;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** A source in an hour. */
record Bucket(String workspaceId, String sourceId, Instant hour) {

  static Bucket of(String workspaceId, String sourceId, Instant at) {
    return new Bucket(workspaceId, sourceId, at.truncatedTo(ChronoUnit.HOURS));
  }
}
