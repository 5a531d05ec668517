package io.tributary.ingestion.live;

import io.tributary.stream.KafkaClients;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The event stream. */
@Configuration(proxyBeanMethods = false)
public class LiveConfiguration {
  @Bean
  LiveEndpoint liveEndpoint(KafkaClients clients, DataSource dataSource) {
    return new LiveEndpoint(clients, dataSource);
  }
}
