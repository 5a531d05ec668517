package io.tributary.gateway;

import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;

/**
 * The gateway's own port, for health and metrics, which no door leads to. In one process all
 * services see this, and only the gateway has such a port.
 */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
class OwnPortConfiguration {
  @Bean
  FilterRegistrationBean<OwnPortFilter> ownPortFilter(GatewayProperties properties) {
    return new FilterRegistrationBean<>(new OwnPortFilter(properties.metricsToken()));
  }
}
