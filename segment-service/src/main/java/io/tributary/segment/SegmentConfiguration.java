package io.tributary.segment;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.access.AccessConfiguration;
import io.tributary.event.Ids;
import io.tributary.event.Topics;
import io.tributary.segment.admin.BackfillSignal;
import io.tributary.segment.admin.SegmentAdminConfiguration;
import io.tributary.segment.feed.Backfill;
import io.tributary.segment.feed.SegmentStage;
import io.tributary.segment.feed.Ticker;
import io.tributary.segment.feed.Timers;
import io.tributary.segment.store.Stores;
import io.tributary.segment.store.Transactions;
import io.tributary.segment.web.SegmentWebConfiguration;
import io.tributary.stream.ChangeLog;
import io.tributary.stream.ControlTotals;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.KafkaSettings;
import io.tributary.stream.Progress;
import io.tributary.stream.Quarantine;
import io.tributary.stream.Relay;
import io.tributary.stream.StageLoop;
import io.tributary.stream.StageSettings;
import io.tributary.stream.StreamConfiguration;
import io.tributary.time.DatabaseClock;
import io.tributary.tls.KafkaTls;
import io.tributary.trace.Traces;
import io.tributary.web.Idempotency;
import io.tributary.web.OpenApiConfiguration;
import io.tributary.web.Visibility;
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
@EnableConfigurationProperties(SegmentProperties.class)
@Import({
  WebConfiguration.class,
  StreamConfiguration.class,
  OpenApiConfiguration.class,
  AccessConfiguration.class,
  SegmentAdminConfiguration.class,
  SegmentWebConfiguration.class
})
public class SegmentConfiguration {
  /** The name of schema, consumer group and stage. */
  private static final String NAME = "segment";

  @Bean
  Clock clock(DataSource dataSource) {
    return new DatabaseClock(dataSource);
  }

  @Bean
  KafkaClients kafkaClients(SegmentProperties properties, KafkaTls tls, Traces traces) {
    SegmentProperties.Kafka kafka = properties.kafka();
    return new KafkaClients(
        new KafkaSettings(
            kafka.bootstrapServers(),
            NAME,
            kafka.instance(),
            kafka.partitions(),
            kafka.replication()),
        tls,
        traces);
  }

  /** As many shards as the topic has partitions, at least: the relay keeps one cursor in each. */
  @Bean
  ChangeLog segmentChanges(SegmentProperties properties) {
    return new ChangeLog(NAME, "changes", Math.min(4, properties.kafka().partitions()));
  }

  @Bean
  Relay segmentRelay(ChangeLog segmentChanges, KafkaClients clients, DataSource dataSource) {
    return new Relay(segmentChanges, Topics.SEGMENT_CHANGES, clients, dataSource);
  }

  @Bean
  Stores stores(ChangeLog segmentChanges) {
    return Stores.create(segmentChanges);
  }

  @Bean
  Transactions transactions(DataSource dataSource) {
    return new Transactions(dataSource);
  }

  @Bean
  StageLoop stageLoop(
      SegmentProperties properties,
      KafkaClients clients,
      DataSource dataSource,
      Stores stores,
      Relay segmentRelay,
      MeterRegistry registry,
      Clock clock) {
    SegmentStage stage =
        new SegmentStage(
            stores, new Quarantine(NAME), new ControlTotals(NAME, NAME), clock, segmentRelay::wake);
    StageSettings settings =
        new StageSettings(
            NAME,
            NAME,
            List.of(Topics.PROFILE_CHANGES),
            properties.maxRecords(),
            properties.threads());
    return new StageLoop(settings, clients, dataSource, stage, registry, clock);
  }

  @Bean
  Progress progress(KafkaClients clients) {
    return Progress.upTo(clients, NAME);
  }

  @Bean
  Ticker timerTicker(
      SegmentProperties properties,
      Stores stores,
      Transactions transactions,
      Progress progress,
      Relay segmentRelay,
      Clock clock) {
    Timers timers =
        new Timers(
            stores,
            transactions,
            () -> {
              Progress.Walk walk = progress.walk(progress.now());
              return () -> walk.passed(progress);
            },
            clock,
            segmentRelay::wake);
    return new Ticker("timers", properties.timerTick(), _ -> timers.tick());
  }

  @Bean
  Ticker backfillTicker(
      SegmentProperties properties,
      Stores stores,
      Transactions transactions,
      Relay segmentRelay,
      Clock clock) {
    Backfill backfill =
        new Backfill(stores, transactions, clock, Ids.create("worker"), segmentRelay::wake);
    return new Ticker("backfill", properties.backfillTick(), backfill::run);
  }

  @Bean
  BackfillSignal backfillSignal(Ticker backfillTicker) {
    return new BackfillSignal(backfillTicker::wake);
  }

  @Bean
  Visibility visibility(Progress progress) {
    return new Visibility(progress);
  }

  @Bean
  Idempotency idempotency(DataSource dataSource, Clock clock) {
    return new Idempotency(dataSource, NAME, clock);
  }
}
