package io.tributary.trace;

import io.micrometer.observation.ObservationRegistry;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationRegistryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Traces as the settings say. */
@Configuration(proxyBeanMethods = false)
public class TraceConfiguration {
  @Bean(destroyMethod = "close")
  Traces traces(Environment settings) {
    String endpoint = settings.resolvePlaceholders("${TRIBUTARY_TRACES_ENDPOINT:}").strip();
    if (endpoint.isEmpty()) {
      return Traces.OFF;
    }
    double sampled =
        Double.parseDouble(settings.resolvePlaceholders("${TRIBUTARY_TRACES_SAMPLED:0.01}"));
    return Traces.to(
        OpenTelemetry.to(
            endpoint,
            sampled,
            settings.resolvePlaceholders("${spring.application.name:tributary}")));
  }

  @Bean
  ObservationRegistryCustomizer<ObservationRegistry> tracedRequests(Traces traces) {
    return traces::observe;
  }
}
