package io.tributary.ingestion;

import io.tributary.ingestion.collect.CollectorSettings;
import io.tributary.stream.KafkaSettings;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings {@code tributary.ingestion}.
 *
 * @param kafkaBootstrap where Kafka is
 * @param instance tells several instances apart and stays the same over restarts of one
 * @param partitions of topics that are created
 * @param replication of topics that are created
 * @param collectorPort the public port; 0 for any
 * @param collectorBind the address that the public port listens on
 * @param apiHost host and path that browsers are told to post to; empty for the host they asked
 * @param publicUrl the collector's address as providers of webhooks reach it, such as {@code
 *     https://events.example.com}; empty for https and the host of {@code apiHost}, else this
 *     machine
 * @param trustForwarded whether a proxy in front sets X-Forwarded-For and X-Forwarded-Proto
 * @param inFlight bytes of request bodies that are worked on at one time
 * @param rate events a second that one source may send; 0 for any number
 */
@ConfigurationProperties(value = "tributary.ingestion", ignoreUnknownFields = false)
public record IngestionProperties(
    @DefaultValue("localhost:9092") String kafkaBootstrap,
    @DefaultValue("0") String instance,
    @DefaultValue("8") int partitions,
    @DefaultValue("1") int replication,
    @DefaultValue("8070") int collectorPort,
    @DefaultValue("0.0.0.0") String collectorBind,
    @Nullable String apiHost,
    @Nullable String publicUrl,
    @DefaultValue("false") boolean trustForwarded,
    @DefaultValue("64MB") DataSize inFlight,
    @DefaultValue("0") long rate) {
  private static final Pattern ADDRESS =
      Pattern.compile("https?://[A-Za-z0-9.\\[\\]:_-]+(/[A-Za-z0-9._/-]*)?");

  /** Refuses what can't work. */
  public IngestionProperties {
    if (collectorPort < 0 || collectorPort > 65_535) {
      throw new IllegalArgumentException(
          "tributary.ingestion.collector-port must be from 0 to 65535 (was " + collectorPort + ")");
    }
    if (publicUrl != null
        && !publicUrl.isBlank()
        && !ADDRESS.matcher(publicUrl.strip()).matches()) {
      throw new IllegalArgumentException(
          "tributary.ingestion.public-url must be http:// or https:// and a host (was "
              + publicUrl
              + ")");
    }
    if (rate < 0) {
      throw new IllegalArgumentException(
          "tributary.ingestion.rate must not be negative (was " + rate + ")");
    }
    if (inFlight.toBytes() < 8_000_000) {
      throw new IllegalArgumentException(
          "tributary.ingestion.in-flight must be 8MB at least, so that two of the largest requests"
              + " fit (was "
              + inFlight
              + ")");
    }
  }

  KafkaSettings kafka() {
    return new KafkaSettings(kafkaBootstrap, "ingestion", instance, partitions, replication);
  }

  /** Scheme, host and what stands before {@code /v1}; empty where nobody has said it. */
  Optional<String> publicAddress() {
    if (publicUrl != null && !publicUrl.isBlank()) {
      return Optional.of(publicUrl.strip().replaceFirst("(/v1)?/*$", ""));
    }
    return Optional.ofNullable(host()).map(host -> "https://" + host.replaceFirst("(/v1)?/*$", ""));
  }

  private @Nullable String host() {
    return apiHost == null || apiHost.isBlank() ? null : apiHost.strip();
  }

  CollectorSettings collector() {
    String host = host();
    return new CollectorSettings(inFlight.toBytes(), rate, host, trustForwarded);
  }
}
