package io.tributary.stream;

/**
 * Where Kafka is and who is asking.
 *
 * @param service the service's short name; part of client ids
 * @param instance tells several instances of one service apart and stays the same over restarts of
 *     one
 * @param partitions how many partitions a topic gets when it's created; never changed afterwards
 * @param replication how many copies a topic gets when it's created
 */
public record KafkaSettings(
    String bootstrapServers, String service, String instance, int partitions, int replication) {
  /** Checks the ranges. */
  public KafkaSettings {
    if (partitions < 1 || partitions > 1024) {
      throw new IllegalArgumentException("partitions must be between 1 and 1024: " + partitions);
    }
    if (replication < 1) {
      throw new IllegalArgumentException("replication must be at least 1: " + replication);
    }
  }
}
