package io.tributary.stream;

import java.util.List;

/**
 * What a loop reads.
 *
 * @param consumer the Kafka group and the name in the table of positions
 * @param schema the schema that holds the positions
 * @param maxRecords the most records of one batch
 * @param threads how many threads of this process share the partitions; 0 for half as many as there
 *     are processors, between 1 and 4: the stages work at the same time, and the fewer batches the
 *     records are in, the less each costs
 */
public record StageSettings(
    String consumer, String schema, List<String> topics, int maxRecords, int threads) {
  private static final int MOST_THREADS = 4;

  /** Copies the list and checks the ranges. */
  public StageSettings {
    topics = List.copyOf(topics);
    if (maxRecords < 1 || threads < 0) {
      throw new IllegalArgumentException(
          "max-records must be at least 1, and threads at least 1, or 0 to go by the processors");
    }
    threads = threads == 0 ? threadsFor(Runtime.getRuntime().availableProcessors()) : threads;
  }

  static int threadsFor(int processors) {
    return Math.clamp(processors / 2, 1, MOST_THREADS);
  }
}
