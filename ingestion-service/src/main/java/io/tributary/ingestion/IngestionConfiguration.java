package io.tributary.ingestion;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.access.AccessConfiguration;
import io.tributary.access.WriteKeys;
import io.tributary.event.Topics;
import io.tributary.ingestion.activity.Activity;
import io.tributary.ingestion.activity.ActivityConfiguration;
import io.tributary.ingestion.admin.AccessAdminConfiguration;
import io.tributary.ingestion.collect.CollectorPort;
import io.tributary.ingestion.collect.CollectorServlet;
import io.tributary.ingestion.collect.EventLog;
import io.tributary.ingestion.destination.DestinationConfiguration;
import io.tributary.ingestion.files.FilesConfiguration;
import io.tributary.ingestion.governance.GovernanceConfiguration;
import io.tributary.ingestion.governance.SourceRules;
import io.tributary.ingestion.governance.Violations;
import io.tributary.ingestion.live.LiveConfiguration;
import io.tributary.ingestion.pull.PullsConfiguration;
import io.tributary.ingestion.quarantine.BulkReplay;
import io.tributary.ingestion.quarantine.Erasure;
import io.tributary.ingestion.quarantine.QuarantineEndpoint;
import io.tributary.ingestion.quarantine.QuarantineStage;
import io.tributary.ingestion.quarantine.QuarantineStore;
import io.tributary.ingestion.quarantine.Replay;
import io.tributary.ingestion.webhook.CollectorAddress;
import io.tributary.ingestion.webhook.Providers;
import io.tributary.ingestion.webhook.WebhookSecrets;
import io.tributary.stream.AtStart;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.StageLoop;
import io.tributary.stream.StageSettings;
import io.tributary.stream.StreamConfiguration;
import io.tributary.time.DatabaseClock;
import io.tributary.tls.KafkaTls;
import io.tributary.trace.Traces;
import io.tributary.web.OpenApiConfiguration;
import io.tributary.web.WebConfiguration;
import jakarta.servlet.http.HttpFilter;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.kafka.clients.producer.Producer;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** All parts of the service. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableConfigurationProperties(IngestionProperties.class)
@Import({
  WebConfiguration.class,
  StreamConfiguration.class,
  OpenApiConfiguration.class,
  AccessConfiguration.class,
  AccessAdminConfiguration.class,
  ActivityConfiguration.class,
  GovernanceConfiguration.class,
  FilesConfiguration.class,
  PullsConfiguration.class,
  DestinationConfiguration.class,
  LiveConfiguration.class
})
class IngestionConfiguration {

  @Bean
  Clock clock(DataSource dataSource) {
    return new DatabaseClock(dataSource);
  }

  @Bean
  KafkaClients kafkaClients(IngestionProperties properties, KafkaTls tls, Traces traces) {
    return new KafkaClients(properties.kafka(), tls, traces);
  }

  @Bean
  AtStart topicsAtStart(KafkaClients clients) {
    return AtStart.topics(
        clients, Stream.concat(Topics.ALL.stream(), Stream.of(Topics.INGESTION_REJECTED)).toList());
  }

  @Bean(destroyMethod = "close")
  Producer<byte[], byte[]> collectorProducer(KafkaClients clients) {
    return clients.producer("collector");
  }

  @Bean
  EventLog eventLog(Producer<byte[], byte[]> collectorProducer, Traces traces) {
    return new EventLog(collectorProducer, traces);
  }

  @Bean
  CollectorPort collectorPort(
      IngestionProperties properties,
      SslBundles bundles,
      @Value("${TRIBUTARY_TLS_HTTP:false}") boolean secure) {
    CollectorPort port = new CollectorPort(properties.collectorBind(), properties.collectorPort());
    if (secure) {
      port.secure(bundles);
    }
    return port;
  }

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> publicPort(CollectorPort port) {
    return factory -> factory.addAdditionalConnectors(port.connector());
  }

  @Bean
  FilterRegistrationBean<HttpFilter> portFilter(CollectorPort port) {
    FilterRegistrationBean<HttpFilter> filter = new FilterRegistrationBean<>(port.filter());
    filter.addUrlPatterns("/*");
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
    return filter;
  }

  @Bean
  CollectorAddress collectorAddress(IngestionProperties properties, CollectorPort port) {
    return new CollectorAddress(() ->
        properties
            .publicAddress()
            .orElseGet(() -> port.connector().getScheme() + "://localhost:" + port.port()));
  }

  @Bean
  CollectorServlet.WebhookParts webhookParts(
      Providers providers, WebhookSecrets secrets, CollectorAddress address) {
    return new CollectorServlet.WebhookParts(providers, secrets, address);
  }

  @Bean
  CollectorServlet.SourceParts sourceParts(
      WriteKeys keys, SourceRules rules, Violations violations, Activity activity) {
    return new CollectorServlet.SourceParts(keys::find, rules, violations, activity);
  }

  @Bean
  CollectorServlet collectorServlet(
      CollectorServlet.SourceParts sources,
      EventLog log,
      Clock clock,
      IngestionProperties properties,
      CollectorServlet.WebhookParts webhooks,
      MeterRegistry registry) {
    return new CollectorServlet(sources, log, clock, properties.collector(), webhooks, registry);
  }

  @Bean
  ServletRegistrationBean<CollectorServlet> collectorPaths(CollectorServlet collectorServlet) {
    ServletRegistrationBean<CollectorServlet> registration =
        new ServletRegistrationBean<>(collectorServlet, "/v1/*", "/health");
    registration.setLoadOnStartup(1);
    return registration;
  }

  @Bean
  StageLoop quarantineLoop(
      KafkaClients clients, DataSource dataSource, MeterRegistry registry, Clock clock) {
    return new StageLoop(
        new StageSettings(
            QuarantineStage.CONSUMER, "ingestion", List.of(Topics.INGESTION_REJECTED), 200, 1),
        clients,
        dataSource,
        new QuarantineStage(),
        registry,
        clock);
  }

  @Bean
  Erasure erasure(DataSource dataSource, PlatformTransactionManager transactions) {
    return new Erasure(dataSource, new TransactionTemplate(transactions));
  }

  @Bean
  QuarantineStore quarantineStore(DataSource dataSource) {
    return new QuarantineStore(dataSource);
  }

  @Bean
  Replay replay(QuarantineStore store, EventLog log, SourceRules rules) {
    return new Replay(store, log, rules);
  }

  @Bean
  QuarantineEndpoint quarantineEndpoint(QuarantineStore store, Replay replay) {
    return new QuarantineEndpoint(store, replay, new BulkReplay(store, replay));
  }
}
