package io.tributary.segment;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code tributary.segment}.
 *
 * @param kafka where Kafka is
 * @param threads how many threads share the partitions; 0 goes by the processors
 * @param maxRecords the most records of one batch
 * @param timerTick how often is looked for windows that have run out
 * @param backfillTick how often is looked for definitions to build that nobody announced
 */
@ConfigurationProperties(value = "tributary.segment", ignoreUnknownFields = false)
public record SegmentProperties(
    Kafka kafka,
    @DefaultValue("0") int threads,
    @DefaultValue("1000") int maxRecords,
    @DefaultValue("500ms") Duration timerTick,
    @DefaultValue("2s") Duration backfillTick) {

  /** Checks the ranges. */
  public SegmentProperties {
    if (!timerTick.isPositive() || !backfillTick.isPositive()) {
      throw new IllegalArgumentException(
          "tributary.segment.timer-tick and backfill-tick must be positive, such as 500ms");
    }
  }

  /**
   * Where Kafka is.
   *
   * @param instance tells several processes of this service apart, and stays the same over restarts
   */
  public record Kafka(
      @DefaultValue("localhost:9092") String bootstrapServers,
      @DefaultValue("0") String instance,
      @DefaultValue("8") int partitions,
      @DefaultValue("1") int replication) {}
}
