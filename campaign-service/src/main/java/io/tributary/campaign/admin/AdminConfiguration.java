package io.tributary.campaign.admin;

import io.tributary.access.SecretBox;
import io.tributary.webhook.WebhookTargets;
import java.time.Clock;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Campaign definitions, by JPA. */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({
  HibernateJpaAutoConfiguration.class,
  DataJpaRepositoriesAutoConfiguration.class
})
@EntityScan(basePackageClasses = AdminConfiguration.class)
@EnableJpaRepositories(basePackageClasses = AdminConfiguration.class)
public class AdminConfiguration {

  /** Whether there is a mail server. */
  public record MailAvailable(boolean value) {}

  @Bean
  DefinitionCheck definitionCheck(WebhookTargets targets) {
    return new DefinitionCheck(targets);
  }

  @Bean
  CampaignAdmin campaignAdmin(
      CampaignRows rows,
      CampaignAdmin.RunRows runs,
      DefinitionCheck check,
      MailAvailable mail,
      SecretBox box,
      PlatformTransactionManager transactions,
      Clock clock) {
    return new CampaignAdmin(
        rows, runs, check, mail.value(), box, new TransactionTemplate(transactions), clock);
  }
}
