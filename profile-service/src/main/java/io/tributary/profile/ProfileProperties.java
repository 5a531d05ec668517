package io.tributary.profile;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code tributary.profile}.
 *
 * @param kafka where Kafka is
 * @param threads how many threads share the partitions; 0 goes by the processors
 * @param maxRecords the most records of one batch
 */
@ConfigurationProperties(value = "tributary.profile", ignoreUnknownFields = false)
public record ProfileProperties(
    Kafka kafka, @DefaultValue("0") int threads, @DefaultValue("1000") int maxRecords) {

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
