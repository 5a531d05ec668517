package io.tributary.identity;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code tributary.identity}.
 *
 * @param kafka where Kafka is
 * @param threads how many threads share the partitions; 0 goes by the processors
 * @param maxRecords the most records of one batch
 * @param maxCached how many identifiers, and how many roots, are remembered
 * @param defaultPhoneRegion where telephone numbers without a country code belong, such as {@code
 *     DE}; without it they are ignored
 * @param messagesKept how long a message id can't be used again
 * @param privacyPoll how often erasure requests are looked for
 */
@ConfigurationProperties(value = "tributary.identity", ignoreUnknownFields = false)
public record IdentityProperties(
    @DefaultValue Kafka kafka,
    @DefaultValue("0") int threads,
    @DefaultValue("1000") int maxRecords,
    @DefaultValue("100000") long maxCached,
    @Nullable String defaultPhoneRegion,
    @DefaultValue("30d") Duration messagesKept,
    @DefaultValue("1s") Duration privacyPoll) {

  /** Checks the ranges. */
  public IdentityProperties {
    if (maxCached < 0) {
      throw new IllegalArgumentException("tributary.identity.max-cached must not be negative");
    }
    if (messagesKept.compareTo(Duration.ofDays(30)) < 0) {
      throw new IllegalArgumentException(
          "tributary.identity.messages-kept must be at least 30 days (30d): so long a message id"
              + " takes effect once");
    }
    if (!privacyPoll.isPositive()) {
      throw new IllegalArgumentException("tributary.identity.privacy-poll must be positive");
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
