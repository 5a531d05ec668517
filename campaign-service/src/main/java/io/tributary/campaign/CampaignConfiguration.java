package io.tributary.campaign;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.access.AccessConfiguration;
import io.tributary.access.SecretBox;
import io.tributary.campaign.admin.AdminConfiguration;
import io.tributary.campaign.admin.AdminConfiguration.MailAvailable;
import io.tributary.campaign.admin.CampaignAdmin;
import io.tributary.campaign.feed.FeedConfiguration;
import io.tributary.campaign.mail.SmtpMailer;
import io.tributary.campaign.send.AfterRestore;
import io.tributary.campaign.send.Claims;
import io.tributary.campaign.send.Courier;
import io.tributary.campaign.send.DispatchLoop;
import io.tributary.campaign.send.Dispatcher;
import io.tributary.campaign.send.Engagements;
import io.tributary.campaign.send.Outcomes;
import io.tributary.campaign.send.Renderer;
import io.tributary.campaign.send.RollCall;
import io.tributary.campaign.send.SendLog;
import io.tributary.campaign.send.SuppressionLog;
import io.tributary.campaign.send.TestSend;
import io.tributary.campaign.store.ClaimStore;
import io.tributary.campaign.store.DeliveryStore;
import io.tributary.campaign.store.Locks;
import io.tributary.campaign.store.OutboundStore;
import io.tributary.campaign.store.ProfileReader;
import io.tributary.campaign.store.RestoreStore;
import io.tributary.campaign.store.RunStore;
import io.tributary.campaign.store.SuppressionStore;
import io.tributary.campaign.track.Links;
import io.tributary.campaign.track.SigningKey;
import io.tributary.campaign.web.CampaignEndpoint;
import io.tributary.campaign.web.DeliveryEndpoint;
import io.tributary.campaign.web.EngagementEndpoint;
import io.tributary.campaign.web.SuppressionEndpoint;
import io.tributary.event.Topics;
import io.tributary.stream.AtStart;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.KafkaSettings;
import io.tributary.stream.StreamConfiguration;
import io.tributary.time.DatabaseClock;
import io.tributary.tls.KafkaTls;
import io.tributary.trace.Traces;
import io.tributary.web.Idempotency;
import io.tributary.web.OpenApiConfiguration;
import io.tributary.web.WebConfiguration;
import io.tributary.webhook.WebhookClient;
import io.tributary.webhook.WebhookTargets;
import java.time.Clock;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Everything this service consists of. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableConfigurationProperties(CampaignProperties.class)
@Import({
  WebConfiguration.class,
  StreamConfiguration.class,
  OpenApiConfiguration.class,
  AccessConfiguration.class,
  AdminConfiguration.class,
  FeedConfiguration.class
})
public class CampaignConfiguration {
  static final String SCHEMA = "campaign";

  @Bean
  Clock clock(DataSource dataSource) {
    return new DatabaseClock(dataSource);
  }

  @Bean
  SecretBox secretBox(CampaignProperties properties) {
    return new SecretBox(properties.encryptionKey());
  }

  @Bean
  KafkaClients kafkaClients(CampaignProperties properties, KafkaTls tls, Traces traces) {
    CampaignProperties.Kafka kafka = properties.kafka();
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
  @DependsOnDatabaseInitialization
  SigningKey signingKey(JdbcClient jdbc, SecretBox box) {
    return SigningKey.load(jdbc, box);
  }

  @Bean
  Links links(CampaignProperties properties, SigningKey key) {
    return new Links(properties.publicUrl(), key);
  }

  @Bean
  ProfileReader profileReader(JdbcClient jdbc) {
    return new ProfileReader(jdbc);
  }

  @Bean
  SuppressionStore suppressionStore(JdbcClient jdbc, SigningKey key) {
    return new SuppressionStore(jdbc, key);
  }

  @Bean
  DeliveryStore deliveryStore(JdbcClient jdbc) {
    return new DeliveryStore(jdbc);
  }

  @Bean
  OutboundStore outboundStore(JdbcClient jdbc) {
    return new OutboundStore(jdbc);
  }

  @Bean
  RunStore runStore(JdbcClient jdbc) {
    return new RunStore(jdbc);
  }

  @Bean
  CampaignAdmin.RunRows runRows(RunStore runs) {
    return runs::start;
  }

  @Bean
  ClaimStore claimStore(JdbcClient jdbc) {
    return new ClaimStore(jdbc);
  }

  @Bean
  TransactionTemplate transaction(PlatformTransactionManager transactions) {
    return new TransactionTemplate(transactions);
  }

  @Bean
  WebhookTargets webhookTargets(CampaignProperties properties) {
    return new WebhookTargets(properties.webhook().allowPrivate());
  }

  @Bean
  WebhookClient webhookClient(WebhookTargets targets, Clock clock) {
    return new WebhookClient(targets, WebhookClient.Connections.ONE_EACH, clock);
  }

  @Bean
  MailAvailable mailAvailable(CampaignProperties properties) {
    return new MailAvailable(properties.smtp().settings().isPresent());
  }

  @Bean
  Renderer renderer(Links links, CampaignProperties properties) {
    return new Renderer(links, properties.publicUrl());
  }

  @Bean
  Courier courier(
      Renderer renderer,
      CampaignProperties properties,
      WebhookClient webhooks,
      SecretBox box,
      Clock clock) {
    return new Courier(
        renderer,
        properties.smtp().settings().map(smtp -> new SmtpMailer(smtp, clock)).orElse(null),
        webhooks,
        box);
  }

  @Bean
  Claims claims(
      JdbcClient jdbc,
      ClaimStore store,
      ProfileReader profiles,
      SuppressionStore suppressions,
      TransactionTemplate transaction,
      CampaignProperties properties,
      Clock clock) {
    return new Claims(
        new Claims.Stores(store, profiles, suppressions, new RestoreStore(jdbc), new Locks(jdbc)),
        transaction,
        properties.kafka().instance(),
        clock);
  }

  @Bean
  Outcomes outcomes(
      ClaimStore store,
      SuppressionStore suppressions,
      SuppressionLog log,
      OutboundStore outbound,
      TransactionTemplate transaction,
      Clock clock) {
    return new Outcomes(store, suppressions, log, outbound, transaction, clock);
  }

  @Bean
  AtStart topicsAtStart(KafkaClients clients) {
    return AtStart.topics(clients, List.of(Topics.CAMPAIGN_SENDS, Topics.CAMPAIGN_SUPPRESSIONS));
  }

  @Bean
  SendLog sendLog(KafkaClients clients) {
    return new SendLog(clients.producer("sends"));
  }

  @Bean
  SuppressionLog suppressionLog(KafkaClients clients) {
    return new SuppressionLog(clients.producer("suppressions"));
  }

  @Bean
  AfterRestore afterRestore(
      JdbcClient jdbc, KafkaClients clients, TransactionTemplate transaction, Clock clock) {
    return new AfterRestore(new RestoreStore(jdbc), clients, transaction, clock);
  }

  @Bean
  Dispatcher dispatcher(
      Claims claims,
      ClaimStore store,
      SendLog sends,
      Courier courier,
      Outcomes outcomes,
      CampaignProperties properties,
      MeterRegistry metrics,
      Clock clock) {
    return new Dispatcher(
        new Dispatcher.Parts(claims, store, sends, courier, outcomes),
        new Dispatcher.Room(properties.room(), properties.roomPerCampaign()),
        metrics,
        clock);
  }

  @Bean
  DispatchLoop dispatchLoop(
      Dispatcher dispatcher,
      AfterRestore afterRestore,
      ClaimStore claims,
      CampaignProperties properties,
      Clock clock) {
    RollCall rollCall =
        new RollCall(claims, properties.kafka().instance(), properties.lease(), clock);
    return new DispatchLoop(dispatcher, afterRestore, rollCall);
  }

  @Bean
  Engagements engagements(
      DeliveryStore deliveries,
      SuppressionStore suppressions,
      SuppressionLog log,
      OutboundStore outbound,
      TransactionTemplate transaction,
      Clock clock) {
    return new Engagements(deliveries, suppressions, log, outbound, transaction, clock);
  }

  @Bean
  TestSend testSend(
      CampaignAdmin admin,
      ProfileReader profiles,
      SuppressionStore suppressions,
      Courier courier,
      AfterRestore afterRestore,
      Clock clock) {
    return new TestSend(admin, profiles, suppressions, courier, afterRestore, clock);
  }

  @Bean
  CampaignEndpoint campaignEndpoint(CampaignAdmin admin, DeliveryStore deliveries, TestSend tests) {
    return new CampaignEndpoint(admin, deliveries, tests);
  }

  @Bean
  DeliveryEndpoint deliveryEndpoint(DeliveryStore deliveries) {
    return new DeliveryEndpoint(deliveries);
  }

  @Bean
  SuppressionEndpoint suppressionEndpoint(
      SuppressionStore suppressions,
      SuppressionLog log,
      TransactionTemplate transaction,
      Clock clock) {
    return new SuppressionEndpoint(suppressions, log, transaction, clock);
  }

  @Bean
  EngagementEndpoint engagementEndpoint(Links links, Engagements engagements) {
    return new EngagementEndpoint(links, engagements);
  }

  @Bean
  Idempotency idempotency(DataSource dataSource, Clock clock) {
    return new Idempotency(dataSource, SCHEMA, clock);
  }
}
