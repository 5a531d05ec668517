package io.tributary.stream;

import java.util.Optional;

/**
 * What is noted beside a group's offset in Kafka: which life of the database it belongs to, and how
 * far the database was. A database that is behind its mark was put back without anybody saying so.
 *
 * @param lineage of the database
 * @param next the position in Postgres, or a relay's last row
 */
record Mark(int lineage, long next) {
  String format() {
    return lineage + ":" + next;
  }

  /** Empty for offsets that were committed without one. */
  static Optional<Mark> parse(String metadata) {
    int colon = metadata.indexOf(':');
    try {
      return colon < 1
          ? Optional.empty()
          : Optional.of(
              new Mark(
                  Integer.parseInt(metadata.substring(0, colon)),
                  Long.parseLong(metadata.substring(colon + 1))));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
