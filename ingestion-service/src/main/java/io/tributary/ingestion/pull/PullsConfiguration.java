package io.tributary.ingestion.pull;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.ingestion.activity.Activity;
import io.tributary.ingestion.admin.Changes;
import io.tributary.ingestion.collect.EventLog;
import io.tributary.ingestion.governance.SourceKinds;
import io.tributary.ingestion.governance.SourceRules;
import io.tributary.ingestion.governance.Violations;
import io.tributary.webhook.WebhookTargets;
import java.time.Clock;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Pulls from databases. */
@Configuration(proxyBeanMethods = false)
public class PullsConfiguration {
  @Bean
  PullStore pullStore(DataSource dataSource, PlatformTransactionManager transactions) {
    return new PullStore(
        dataSource, new Changes(new TransactionTemplate(transactions), "pull", "pull_name"));
  }

  @Bean
  Pulls pulls(
      @Value("${TRIBUTARY_ENCRYPTION_KEY:}") String encryptionKey,
      @Value("${TRIBUTARY_WEBHOOK_ALLOW_PRIVATE:}") Set<String> allowPrivate,
      SourceKinds kinds,
      SourceRules rules,
      Clock clock) {
    return new Pulls(encryptionKey, new WebhookTargets(allowPrivate), kinds, rules, clock);
  }

  @Bean
  Puller puller(
      PullStore store,
      Pulls pulls,
      EventLog log,
      Violations violations,
      Activity activity,
      MeterRegistry registry,
      Clock clock) {
    return new Puller(store, pulls, log, new Puller.Sides(violations, activity), registry, clock);
  }

  @Bean
  PullEndpoint pullEndpoint(PullStore store, Pulls pulls, Clock clock) {
    return new PullEndpoint(store, pulls, clock);
  }
}
