package io.tributary.stream;

import io.tributary.tls.KafkaTls;
import io.tributary.trace.TraceConfiguration;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

/** What every service needs for its stages besides its settings. */
@Configuration(proxyBeanMethods = false)
@Import({TraceConfiguration.class, StoreConfiguration.class})
public class StreamConfiguration {
  @Bean
  KafkaTls kafkaTls(Environment settings, SslBundles bundles) {
    return KafkaTls.of(settings, bundles);
  }
}
