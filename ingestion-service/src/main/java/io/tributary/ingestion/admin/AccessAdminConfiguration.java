package io.tributary.ingestion.admin;

import io.tributary.access.WriteKeys;
import io.tributary.ingestion.webhook.CollectorAddress;
import io.tributary.ingestion.webhook.Providers;
import io.tributary.ingestion.webhook.WebhookSecrets;
import io.tributary.web.Idempotency;
import java.io.IOException;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Workspaces, sources, write keys and tokens: schema {@code access}, its endpoints, and {@link
 * WriteKeys} for the collector. Takes the service's {@link DataSource}, {@link Clock} and {@link
 * CollectorAddress}.
 *
 * <p>The schema has a Flyway of its own, not as a bean: Boot's, which the service's main schema
 * uses, would step back.
 */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({
  HibernateJpaAutoConfiguration.class,
  DataJpaRepositoriesAutoConfiguration.class
})
@EntityScan(basePackageClasses = AccessAdminConfiguration.class)
@EnableJpaRepositories(basePackageClasses = AccessAdminConfiguration.class)
@EnableConfigurationProperties(BootstrapProperties.class)
public class AccessAdminConfiguration {
  /** Says that schema {@code access} is there and has what the settings ask for. */
  static final class AccessReady {}

  @Bean
  AccessReady accessReady(
      DataSource dataSource,
      PlatformTransactionManager transactions,
      BootstrapProperties properties,
      Clock clock) {
    migrate(dataSource);
    new Bootstrap(
            JdbcClient.create(dataSource), new TransactionTemplate(transactions), properties, clock)
        .run();
    return new AccessReady();
  }

  static void migrate(DataSource dataSource) {
    Flyway.configure()
        .dataSource(dataSource)
        .schemas("access")
        .locations("classpath:db/migration/access", "classpath:db/web")
        // The numbers of shared migrations (900 and up) lie above those of this schema.
        .outOfOrder(true)
        .load()
        .migrate();
  }

  @Bean
  Idempotency idempotency(DataSource dataSource, AccessReady ready, Clock clock) {
    return new Idempotency(dataSource, "access", clock);
  }

  @Bean
  WriteKeys writeKeys(DataSource dataSource, AccessReady ready, Clock clock) {
    return new WriteKeys(dataSource, clock);
  }

  @Bean
  Providers webhookProviders() throws IOException {
    Map<String, byte[]> files = new HashMap<>();
    for (Resource file :
        new PathMatchingResourcePatternResolver().getResources("classpath*:webhooks/*.json")) {
      files.put(String.valueOf(file.getFilename()), file.getContentAsByteArray());
    }
    return new Providers(files);
  }

  @Bean
  WebhookSecrets webhookSecrets(@Value("${TRIBUTARY_ENCRYPTION_KEY:}") String encryptionKey) {
    return new WebhookSecrets(encryptionKey);
  }

  @Bean
  SourceAdmin sourceAdmin(
      Sources sources,
      SourceKeys keys,
      SourceWebhooks webhooks,
      OwnProviders providers,
      WebhookSecrets secrets,
      WriteKeys writeKeys,
      PlatformTransactionManager transactions,
      Clock clock) {
    return new SourceAdmin(
        new SourceAdmin.Stores(sources, keys, webhooks, providers),
        secrets,
        writeKeys,
        new TransactionTemplate(transactions),
        clock);
  }

  @Bean
  TokenAdmin tokenAdmin(ApiTokens tokens, PlatformTransactionManager transactions, Clock clock) {
    return new TokenAdmin(tokens, new TransactionTemplate(transactions), clock);
  }

  @Bean
  WorkspaceAdmin workspaceAdmin(
      Workspaces workspaces,
      Sources sources,
      SourceKeys keys,
      TokenAdmin tokens,
      PlatformTransactionManager transactions,
      Clock clock) {
    return new WorkspaceAdmin(
        workspaces, sources, keys, tokens, new TransactionTemplate(transactions), clock);
  }

  @Bean
  SourceEndpoint sourceEndpoint(
      SourceAdmin admin, OwnProviders providers, CollectorAddress collector) {
    return new SourceEndpoint(admin, providers, collector);
  }

  @Bean
  OwnProviders ownProviders(
      DataSource dataSource,
      PlatformTransactionManager transactions,
      Providers known,
      WriteKeys writeKeys,
      Clock clock) {
    return new OwnProviders(
        JdbcClient.create(dataSource),
        new TransactionTemplate(transactions),
        known,
        writeKeys,
        clock);
  }

  @Bean
  WebhookProviderEndpoint webhookProviderEndpoint(
      Providers known, OwnProviders own, CollectorAddress collector, Clock clock) {
    return new WebhookProviderEndpoint(known, own, new ProviderTrial(own, collector, clock));
  }

  @Bean
  TokenEndpoint tokenEndpoint(TokenAdmin admin, Clock clock) {
    return new TokenEndpoint(admin, clock);
  }

  @Bean
  WorkspaceEndpoint workspaceEndpoint(WorkspaceAdmin admin) {
    return new WorkspaceEndpoint(admin);
  }
}
