package io.tributary.campaign;

import io.tributary.campaign.mail.SmtpSettings;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code tributary.campaign}.
 *
 * @param kafka where Kafka is
 * @param publicUrl base of the links in messages
 * @param collectorUrl where engagement is posted to
 * @param encryptionKey seals secrets in the database; see {@link io.tributary.access.SecretBox}
 * @param smtp the mail server
 * @param webhook where webhooks may go
 * @param room how many sends are under way at once
 * @param roomPerCampaign how many of them one campaign may have
 * @param lease when a claim without an outcome is given up
 * @param threads how many threads share the partitions of each topic
 * @param maxRecords the most records of one batch
 */
@ConfigurationProperties(value = "tributary.campaign", ignoreUnknownFields = false)
public record CampaignProperties(
    Kafka kafka,
    @DefaultValue("http://localhost:8080") String publicUrl,
    @DefaultValue("http://localhost:8070") String collectorUrl,
    @DefaultValue("") String encryptionKey,
    @DefaultValue Smtp smtp,
    @DefaultValue Webhook webhook,
    @DefaultValue("32") int room,
    @DefaultValue("16") int roomPerCampaign,
    @DefaultValue("10m") Duration lease,
    @DefaultValue("1") int threads,
    @DefaultValue("1000") int maxRecords) {

  /** Checks what would only fail much later. */
  public CampaignProperties {
    requireHttp(publicUrl, "public-url");
    requireHttp(collectorUrl, "collector-url");
    if (room < 1 || roomPerCampaign < 1 || roomPerCampaign > room) {
      throw new IllegalArgumentException(
          "tributary.campaign.room must be at least 1, and room-per-campaign between 1 and it");
    }
    if (lease.compareTo(Duration.ofMinutes(2)) < 0) {
      throw new IllegalArgumentException(
          "tributary.campaign.lease must be 2m at least: longer than any send takes");
    }
  }

  /** Without secrets. */
  @Override
  public String toString() {
    return "CampaignProperties[" + publicUrl + ", " + smtp + "]";
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

  /** The mail server; without a host no mails are sent. */
  public record Smtp(
      @DefaultValue("") String host,
      @DefaultValue("25") int port,
      @DefaultValue("") String username,
      @DefaultValue("") String password,
      @DefaultValue("false") boolean starttls,
      @DefaultValue("5s") Duration connectTimeout,
      @DefaultValue("30s") Duration timeout) {

    /** The server, if there is one. */
    public Optional<SmtpSettings> settings() {
      return host.isBlank()
          ? Optional.empty()
          : Optional.of(
              new SmtpSettings(
                  host.strip(),
                  port,
                  orNull(username),
                  orNull(password),
                  starttls,
                  connectTimeout,
                  timeout));
    }

    private static @Nullable String orNull(String text) {
      return text.isEmpty() ? null : text;
    }

    @Override
    public String toString() {
      return "Smtp[" + host + ":" + port + "]";
    }
  }

  /**
   * Where webhooks may go.
   *
   * @param allowPrivate exceptions for development, each {@code host:port}
   */
  public record Webhook(@DefaultValue Set<String> allowPrivate) {}

  private static void requireHttp(String url, String name) {
    String scheme = URI.create(url).getScheme();
    if (scheme == null || !scheme.matches("https?") || URI.create(url).getHost() == null) {
      throw new IllegalArgumentException(
          "tributary.campaign." + name + " must be an http or https URL: " + url);
    }
  }
}
