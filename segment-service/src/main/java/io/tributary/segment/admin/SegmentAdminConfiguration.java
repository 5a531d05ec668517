package io.tributary.segment.admin;

import io.tributary.segment.store.Stores;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The definitions, by JPA. */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({
  HibernateJpaAutoConfiguration.class,
  DataJpaRepositoriesAutoConfiguration.class
})
@EntityScan(basePackageClasses = SegmentAdminConfiguration.class)
@EnableJpaRepositories(basePackageClasses = SegmentAdminConfiguration.class)
public class SegmentAdminConfiguration {
  @Bean
  SegmentAdmin segmentAdmin(
      Segments segments,
      Stores stores,
      DataSource dataSource,
      PlatformTransactionManager transactions,
      Clock clock,
      BackfillSignal backfill) {
    return new SegmentAdmin(
        segments,
        stores,
        new JdbcTemplate(dataSource),
        new TransactionTemplate(transactions),
        clock,
        backfill.wake());
  }
}
