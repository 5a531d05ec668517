package io.tributary.ingestion.destination;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.ingestion.admin.Changes;
import io.tributary.ingestion.governance.TransformationMeans;
import io.tributary.stream.KafkaClients;
import io.tributary.webhook.WebhookTargets;
import java.time.Clock;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Destinations. */
@Configuration(proxyBeanMethods = false)
public class DestinationConfiguration {
  @Bean
  DestinationStore destinationStore(
      DataSource dataSource, PlatformTransactionManager transactions) {
    return new DestinationStore(dataSource, new TransactionTemplate(transactions));
  }

  @Bean
  Connectors connectors(@Value("${TRIBUTARY_CONNECTORS:}") String directory) {
    return new Connectors(directory);
  }

  @Bean
  Receivers receivers(
      @Value("${TRIBUTARY_ENCRYPTION_KEY:}") String encryptionKey,
      @Value("${TRIBUTARY_WEBHOOK_ALLOW_PRIVATE:}") Set<String> allowPrivate,
      Connectors connectors,
      TransformationMeans means,
      Clock clock) {
    return new Receivers(encryptionKey, new WebhookTargets(allowPrivate), connectors, means, clock);
  }

  @Bean
  Deliverer deliverer(
      DestinationStore store,
      Receivers receivers,
      KafkaClients clients,
      DataSource dataSource,
      MeterRegistry registry,
      Clock clock) {
    return new Deliverer(store, receivers, clients, dataSource, registry, clock);
  }

  @Bean
  UndeliveredEndpoint undeliveredEndpoint(DestinationStore store, Clock clock) {
    return new UndeliveredEndpoint(store, clock);
  }

  @Bean
  DestinationEndpoint destinationEndpoint(
      DestinationStore store,
      Receivers receivers,
      KafkaClients clients,
      PlatformTransactionManager transactions,
      Clock clock) {
    return new DestinationEndpoint(
        store,
        receivers,
        clients,
        new Changes(new TransactionTemplate(transactions), "destination", "destination_name"),
        clock);
  }
}
