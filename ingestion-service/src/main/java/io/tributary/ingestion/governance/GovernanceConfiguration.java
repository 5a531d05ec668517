package io.tributary.ingestion.governance;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.ingestion.admin.Changes;
import io.tributary.ingestion.transform.Locations;
import io.tributary.stream.KafkaClients;
import java.nio.file.Path;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
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
  SourceKinds sourceKinds(DataSource dataSource) {
    return new SourceKinds(dataSource);
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
  TransformationStore transformationStore(DataSource dataSource) {
    return new TransformationStore(dataSource);
  }

  @Bean
  TransformationMeans transformationMeans(
      @Value("${TRIBUTARY_ENCRYPTION_KEY:}") String encryptionKey,
      @Value("${TRIBUTARY_GEO_DATABASE:}") String geoDatabase) {
    return new TransformationMeans(
        encryptionKey,
        geoDatabase.isBlank() ? Locations.none() : Locations.in(Path.of(geoDatabase)));
  }

  @Bean
  CurrentTransformations currentTransformations(
      TransformationStore store, TransformationMeans means) {
    return new CurrentTransformations(store, means);
  }

  @Bean
  SourceRules sourceRules(CurrentPlans plans, CurrentTransformations transformations) {
    return new SourceRules(plans, transformations);
  }

  @Bean
  TransformationEndpoint transformationEndpoint(
      TransformationStore store,
      SourceKinds kinds,
      CurrentTransformations current,
      SourceRules rules,
      TransformationMeans means,
      PlatformTransactionManager transactions,
      Clock clock) {
    return new TransformationEndpoint(
        store,
        kinds,
        current,
        rules,
        means,
        new Changes(new TransactionTemplate(transactions), "transformation", "transformation_pkey"),
        clock);
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
      SourceKinds kinds,
      CurrentPlans current,
      PlatformTransactionManager transactions,
      Clock clock) {
    return new TrackingPlanAdmin(
        plans, store, violations, kinds, current, new TransactionTemplate(transactions), clock);
  }

  @Bean
  TrackingPlanEndpoint trackingPlanEndpoint(
      TrackingPlanAdmin admin, KafkaClients clients, Clock clock) {
    return new TrackingPlanEndpoint(admin, new PlanTrial(clock), new Traffic(clients));
  }
}
