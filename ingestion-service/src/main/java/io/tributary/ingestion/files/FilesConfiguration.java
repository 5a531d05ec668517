package io.tributary.ingestion.files;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.ingestion.activity.Activity;
import io.tributary.ingestion.collect.EventLog;
import io.tributary.ingestion.governance.SourceKinds;
import io.tributary.ingestion.governance.SourceRules;
import io.tributary.ingestion.governance.Violations;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Imports of files. */
@Configuration(proxyBeanMethods = false)
public class FilesConfiguration {
  @Bean
  ImportStore importStore(DataSource dataSource, PlatformTransactionManager transactions) {
    return new ImportStore(dataSource, new TransactionTemplate(transactions));
  }

  @Bean
  Importer importer(
      ImportStore store,
      EventLog log,
      SourceRules rules,
      Violations violations,
      Activity activity,
      MeterRegistry registry,
      Clock clock) {
    return new Importer(
        store, log, new Importer.Sides(rules, violations, activity), registry, clock);
  }

  @Bean
  ImportEndpoint importEndpoint(ImportStore store, SourceKinds kinds, Clock clock) {
    return new ImportEndpoint(store, kinds, clock);
  }
}
