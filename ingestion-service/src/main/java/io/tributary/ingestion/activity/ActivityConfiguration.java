package io.tributary.ingestion.activity;

import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** Figures of sources. Takes the service's {@link DataSource} and {@link Clock}. */
@Configuration(proxyBeanMethods = false)
public class ActivityConfiguration {
  private static final int LIMIT_S = 5;

  @Bean
  Activity activity() {
    return new Activity();
  }

  @Bean
  ActivityStore activityStore(DataSource dataSource) {
    return new ActivityStore(dataSource);
  }

  @Bean
  ActivityWriter activityWriter(
      Activity activity,
      ActivityStore store,
      PlatformTransactionManager transactions,
      Clock clock) {
    TransactionTemplate transaction = new TransactionTemplate(transactions);
    transaction.setTimeout(LIMIT_S);
    return new ActivityWriter(activity, store, transaction, clock);
  }

  @Bean
  SourceActivityEndpoint sourceActivityEndpoint(
      ActivityStore store, PlatformTransactionManager transactions, Clock clock) {
    TransactionTemplate snapshot = new TransactionTemplate(transactions);
    snapshot.setReadOnly(true);
    snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
    snapshot.setTimeout(LIMIT_S);
    return new SourceActivityEndpoint(store, snapshot, clock);
  }

  @Bean
  CatalogueEndpoint catalogueEndpoint(DataSource dataSource, Clock clock) {
    return new CatalogueEndpoint(new Catalogue(dataSource), clock);
  }
}
