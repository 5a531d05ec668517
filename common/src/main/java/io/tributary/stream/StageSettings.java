package io.tributary.stream;

import java.util.List;

/**
 * What a loop reads.
 *
 * @param consumer the Kafka group and the name in the table of positions
 * @param schema the schema that holds the positions
 * @param maxRecords the most records of one batch
 * @param threads how many threads of this process share the partitions
 */
public record StageSettings(
    String consumer, String schema, List<String> topics, int maxRecords, int threads) {
  /** Copies the list and checks the ranges. */
  public StageSettings {
    topics = List.copyOf(topics);
    if (maxRecords < 1 || threads < 1) {
      throw new IllegalArgumentException("maxRecords and threads must be at least 1");
    }
  }
}
