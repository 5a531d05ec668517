package io.tributary.identity;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.access.AccessConfiguration;
import io.tributary.event.Topics;
import io.tributary.identity.feed.Deciding;
import io.tributary.identity.feed.IdentityFeed;
import io.tributary.identity.feed.Upkeep;
import io.tributary.identity.resolve.Extraction;
import io.tributary.identity.resolve.NewIds;
import io.tributary.identity.store.ErasureStore;
import io.tributary.identity.store.FactStore;
import io.tributary.identity.store.MergeStore;
import io.tributary.identity.store.MessageSweep;
import io.tributary.identity.store.SplitStore;
import io.tributary.identity.web.MergesEndpoint;
import io.tributary.identity.web.RefusedLinksEndpoint;
import io.tributary.stream.ChangeLog;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.KafkaSettings;
import io.tributary.stream.Relay;
import io.tributary.stream.StageLoop;
import io.tributary.stream.StageSettings;
import io.tributary.stream.StreamConfiguration;
import io.tributary.time.DatabaseClock;
import io.tributary.tls.KafkaTls;
import io.tributary.trace.Traces;
import io.tributary.web.Idempotency;
import io.tributary.web.OpenApiConfiguration;
import io.tributary.web.WebConfiguration;
import java.time.Clock;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** Everything this service consists of. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableConfigurationProperties(IdentityProperties.class)
@Import({
  WebConfiguration.class,
  StreamConfiguration.class,
  OpenApiConfiguration.class,
  AccessConfiguration.class
})
public class IdentityConfiguration {
  private static final String SCHEMA = "identity";

  @Bean
  Clock clock(DataSource dataSource) {
    return new DatabaseClock(dataSource);
  }

  @Bean
  KafkaClients kafkaClients(IdentityProperties properties, KafkaTls tls, Traces traces) {
    IdentityProperties.Kafka kafka = properties.kafka();
    return new KafkaClients(
        new KafkaSettings(
            kafka.bootstrapServers(),
            SCHEMA,
            kafka.instance(),
            kafka.partitions(),
            kafka.replication()),
        tls,
        traces);
  }

  @Bean
  IdentityFeed identityFeed(IdentityProperties properties, Clock clock) {
    return new IdentityFeed(
        new Extraction(properties.defaultPhoneRegion()),
        new Deciding(new FactStore(properties.maxCached()), NewIds.UNIQUE),
        clock);
  }

  @Bean
  StageLoop stageLoop(
      IdentityProperties properties,
      KafkaClients clients,
      DataSource dataSource,
      IdentityFeed feed,
      MeterRegistry registry,
      Clock clock) {
    StageSettings settings =
        new StageSettings(
            IdentityFeed.NAME,
            SCHEMA,
            List.of(Topics.INGESTION_EVENTS),
            properties.maxRecords(),
            properties.threads());
    return new StageLoop(settings, clients, dataSource, feed, registry, clock);
  }

  @Bean
  ChangeLog linkChanges() {
    return new ChangeLog(SCHEMA, "links", 1);
  }

  @Bean
  Relay linkRelay(ChangeLog linkChanges, KafkaClients clients, DataSource dataSource) {
    return new Relay(linkChanges, Topics.IDENTITY_EVENTS, clients, dataSource);
  }

  @Bean
  SplitStore splitStore(DataSource dataSource, ChangeLog linkChanges, Clock clock) {
    return new SplitStore(dataSource, linkChanges, clock);
  }

  @Bean
  Upkeep upkeep(
      IdentityProperties properties,
      DataSource dataSource,
      ChangeLog linkChanges,
      Relay linkRelay,
      Clock clock) {
    return new Upkeep(
        new ErasureStore(dataSource, linkChanges, clock),
        new MessageSweep(dataSource, properties.messagesKept(), clock),
        linkRelay,
        properties.privacyPoll());
  }

  @Bean
  MergeStore mergeStore(DataSource dataSource) {
    return new MergeStore(dataSource);
  }

  @Bean
  MergesEndpoint mergesEndpoint(MergeStore merges, SplitStore splits, Relay linkRelay) {
    return new MergesEndpoint(merges, splits, linkRelay);
  }

  @Bean
  RefusedLinksEndpoint refusedLinksEndpoint(MergeStore merges) {
    return new RefusedLinksEndpoint(merges);
  }

  @Bean
  Idempotency idempotency(DataSource dataSource, Clock clock) {
    return new Idempotency(dataSource, SCHEMA, clock);
  }
}
