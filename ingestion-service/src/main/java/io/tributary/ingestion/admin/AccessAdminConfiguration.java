package io.tributary.ingestion.admin;

import io.tributary.access.WriteKeys;
import io.tributary.web.Idempotency;
import java.time.Clock;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Workspaces, sources, write keys and tokens: schema {@code access}, its endpoints, and {@link
 * WriteKeys} for the collector. Takes the service's {@link DataSource} and {@link Clock}.
 *
 * <p>The schema has a Flyway of its own, not as a bean: Boot's, which the service's main schema
 * uses, would step back.
 */
@Configuration(proxyBeanMethods = false)
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
    Flyway.configure()
        .dataSource(dataSource)
        .schemas("access")
        .locations("classpath:db/migration/access", "classpath:db/web")
        .load()
        .migrate();
    new Bootstrap(
            JdbcClient.create(dataSource), new TransactionTemplate(transactions), properties, clock)
        .run();
    return new AccessReady();
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
  SourceAdmin sourceAdmin(
      Sources sources,
      SourceKeys keys,
      WriteKeys writeKeys,
      PlatformTransactionManager transactions,
      Clock clock) {
    return new SourceAdmin(sources, keys, writeKeys, new TransactionTemplate(transactions), clock);
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
  SourceEndpoint sourceEndpoint(SourceAdmin admin) {
    return new SourceEndpoint(admin);
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
