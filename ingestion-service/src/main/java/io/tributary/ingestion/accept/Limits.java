package io.tributary.ingestion.accept;

import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** The bounds of what the collector takes. */
final class Limits {
  /** Bytes of one event. */
  static final int EVENT_BYTES = 32 * 1024;

  /** Bytes of the context, or of the integrations, that a batch has for all its events. */
  static final int SHARED_BYTES = 16 * 1024;

  /** Events in one batch. */
  static final int BATCH_EVENTS = 2_500;

  /** Containers inside each other in one request; leaves 32 to an event of a batch. */
  static final int DEPTH = 34;

  /** Bytes of a field's name. */
  static final int NAME_BYTES = 1_000;

  /** Characters of a number, and its exponent either way: together always within a double. */
  static final int NUMBER_LENGTH = 100;

  static final int EXPONENT = 200;

  /** Characters of an id, and of the name of an event or page: fits an index entry of Postgres. */
  static final int TEXT_LENGTH = 512;

  /** Characters of a message id: the Segment specification wants fewer than 100. */
  static final int MESSAGE_ID_LENGTH = 99;

  /** Reasons that are kept of one event. */
  static final int REASONS = 20;

  /**
   * What the parser takes. {@link Screening} has mended what goes beyond, so these only guard
   * against its mistakes.
   */
  static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH + 2)
                  .maxStringLength(2 * EVENT_BYTES)
                  .maxNameLength(NAME_BYTES + 24)
                  .maxNumberLength(2 * NUMBER_LENGTH)
                  .build())
          .build();

  private Limits() {}
}
