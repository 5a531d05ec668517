package io.tributary.profile;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.access.AccessConfiguration;
import io.tributary.event.Topics;
import io.tributary.profile.feed.ProfileStage;
import io.tributary.profile.privacy.AfterRestore;
import io.tributary.profile.privacy.PrivacyLog;
import io.tributary.profile.privacy.PrivacyRequests;
import io.tributary.profile.privacy.PrivacyWorker;
import io.tributary.profile.store.EventPartitions;
import io.tributary.profile.store.ExportStore;
import io.tributary.profile.store.FateStore;
import io.tributary.profile.store.Identifiers;
import io.tributary.profile.store.Neighbours;
import io.tributary.profile.store.PipelineStore;
import io.tributary.profile.store.PrivacyStore;
import io.tributary.profile.store.ProfileReader;
import io.tributary.profile.store.RestoreStore;
import io.tributary.profile.web.EventsEndpoint;
import io.tributary.profile.web.PrivacyRequestsEndpoint;
import io.tributary.profile.web.ProfilesEndpoint;
import io.tributary.profile.web.StatusEndpoint;
import io.tributary.stream.AtStart;
import io.tributary.stream.ChangeLog;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.KafkaSettings;
import io.tributary.stream.Progress;
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
import org.springframework.jdbc.core.simple.JdbcClient;

/** Everything this service consists of. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableConfigurationProperties(ProfileProperties.class)
@Import({
  WebConfiguration.class,
  StreamConfiguration.class,
  OpenApiConfiguration.class,
  AccessConfiguration.class
})
public class ProfileConfiguration {
  private static final String SCHEMA = "profile";

  @Bean
  Clock clock(DataSource dataSource) {
    return new DatabaseClock(dataSource);
  }

  @Bean
  KafkaClients kafkaClients(ProfileProperties properties, KafkaTls tls, Traces traces) {
    ProfileProperties.Kafka kafka = properties.kafka();
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
  StageLoop stageLoop(
      ProfileProperties properties,
      KafkaClients clients,
      DataSource dataSource,
      MeterRegistry registry,
      Clock clock) {
    StageSettings settings =
        new StageSettings(
            ProfileStage.NAME,
            SCHEMA,
            List.of(Topics.IDENTITY_EVENTS),
            properties.maxRecords(),
            properties.threads());
    return new StageLoop(settings, clients, dataSource, new ProfileStage(), registry, clock);
  }

  @Bean
  EventPartitions eventPartitions(JdbcClient sql, MeterRegistry registry, Clock clock) {
    return new EventPartitions(sql, registry, clock);
  }

  @Bean
  ChangeLog erasures() {
    return new ChangeLog(SCHEMA, "erasures", 1);
  }

  @Bean
  Relay erasureRelay(ChangeLog erasures, KafkaClients clients, DataSource dataSource) {
    return new Relay(erasures, Topics.PROFILE_CHANGES, clients, dataSource);
  }

  @Bean
  Neighbours neighbours(JdbcClient sql) {
    return new Neighbours(sql);
  }

  @Bean
  PrivacyStore privacyStore(JdbcClient sql, Neighbours neighbours) {
    return new PrivacyStore(sql, neighbours);
  }

  @Bean
  ExportStore exportStore(DataSource dataSource, JdbcClient sql, Neighbours neighbours) {
    return new ExportStore(dataSource, sql, neighbours);
  }

  @Bean
  PrivacyRequests privacyRequests(
      DataSource dataSource,
      PrivacyStore store,
      ChangeLog erasures,
      Relay relay,
      PrivacyLog log,
      Clock clock) {
    return new PrivacyRequests(dataSource, store, erasures, relay, log, clock);
  }

  @Bean
  AtStart topicsAtStart(KafkaClients clients) {
    return AtStart.topics(clients, List.of(Topics.PRIVACY_REQUESTS, Topics.INGESTION_EVENTS));
  }

  @Bean
  PrivacyLog privacyLog(KafkaClients clients) {
    Progress progress = Progress.upTo(clients, "identity");
    return new PrivacyLog(clients.producer("privacy"), progress::now);
  }

  @Bean
  AfterRestore afterRestore(
      DataSource dataSource, PrivacyRequests requests, KafkaClients clients, Clock clock) {
    return new AfterRestore(dataSource, new RestoreStore(), requests, clients, clock);
  }

  @Bean
  PrivacyWorker privacyWorker(
      DataSource dataSource,
      PrivacyStore store,
      ExportStore exports,
      AfterRestore afterRestore,
      Clock clock) {
    return new PrivacyWorker(dataSource, store, exports, afterRestore, clock);
  }

  @Bean
  Visibility visibility(KafkaClients clients) {
    return new Visibility(Progress.upTo(clients, ProfileStage.NAME));
  }

  @Bean
  ProfilesEndpoint profilesEndpoint(JdbcClient sql, Visibility visibility) {
    return new ProfilesEndpoint(new ProfileReader(sql), new Identifiers(sql), visibility);
  }

  @Bean
  EventsEndpoint eventsEndpoint(JdbcClient sql, Neighbours neighbours, Visibility visibility) {
    return new EventsEndpoint(new ProfileReader(sql), new FateStore(sql, neighbours), visibility);
  }

  @Bean
  PrivacyRequestsEndpoint privacyRequestsEndpoint(
      PrivacyRequests requests,
      PrivacyWorker worker,
      PrivacyStore store,
      ExportStore exports,
      JdbcClient sql) {
    return new PrivacyRequestsEndpoint(requests, worker, store, exports, new Identifiers(sql));
  }

  @Bean
  StatusEndpoint statusEndpoint(
      KafkaClients clients, JdbcClient sql, Neighbours neighbours, StageLoop loop) {
    return new StatusEndpoint(
        Progress.ofAllStages(clients),
        Progress.upTo(clients, ProfileStage.NAME),
        new PipelineStore(sql, neighbours),
        loop);
  }

  @Bean
  Idempotency idempotency(DataSource dataSource, Clock clock) {
    return new Idempotency(dataSource, SCHEMA, clock);
  }
}
