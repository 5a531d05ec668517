package io.tributary.ingestion.governance;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.stream.KafkaClients;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Tracking plans, and what is reported of events that break them. */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({
  HibernateJpaAutoConfiguration.class,
  DataJpaRepositoriesAutoConfiguration.class
})
@EntityScan(basePackageClasses = GovernanceConfiguration.class)
@EnableJpaRepositories(basePackageClasses = GovernanceConfiguration.class)
public class GovernanceConfiguration {
  @Bean
  PlanStore planStore(DataSource dataSource) {
    return new PlanStore(dataSource);
  }

  @Bean
  ViolationStore violationStore(DataSource dataSource, PlatformTransactionManager transactions) {
    return new ViolationStore(dataSource, new TransactionTemplate(transactions));
  }

  @Bean
  CurrentPlans currentPlans(PlanStore store) {
    return new CurrentPlans(store);
  }

  @Bean
  Violations violations(ViolationStore store, MeterRegistry registry) {
    return new Violations(store, registry);
  }

  @Bean
  TrackingPlanAdmin trackingPlanAdmin(
      TrackingPlans plans,
      PlanStore store,
      ViolationStore violations,
      CurrentPlans current,
      PlatformTransactionManager transactions,
      Clock clock) {
    return new TrackingPlanAdmin(
        plans, store, violations, current, new TransactionTemplate(transactions), clock);
  }

  @Bean
  TrackingPlanEndpoint trackingPlanEndpoint(
      TrackingPlanAdmin admin, KafkaClients clients, Clock clock) {
    return new TrackingPlanEndpoint(admin, new PlanTrial(clock), new Traffic(clients));
  }
}
