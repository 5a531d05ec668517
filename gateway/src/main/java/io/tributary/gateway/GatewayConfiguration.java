package io.tributary.gateway;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.tls.Tls;
import io.tributary.trace.TraceConfiguration;
import io.tributary.web.WebConfiguration;
import java.net.http.HttpClient;
import java.time.Clock;
import java.util.concurrent.Executors;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.tomcat.autoconfigure.actuate.web.server.TomcatServletManagementContextAutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.cloud.gateway.server.mvc.GatewayServerMvcAutoConfiguration;
import org.springframework.cloud.gateway.server.mvc.filter.FilterAutoConfiguration;
import org.springframework.cloud.gateway.server.mvc.filter.HttpHeadersFilter;
import org.springframework.cloud.gateway.server.mvc.handler.HandlerFunctionAutoConfiguration;
import org.springframework.cloud.gateway.server.mvc.handler.ProxyExchangeHandlerFunction;
import org.springframework.cloud.gateway.server.mvc.predicate.PredicateAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.core.Ordered;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerResponse;

/** All beans of the gateway. */
@SpringBootConfiguration(proxyBeanMethods = false)
@ImportAutoConfiguration({
  HttpClientAutoConfiguration.class,
  ImperativeHttpClientAutoConfiguration.class,
  RestClientAutoConfiguration.class,
  TomcatServletManagementContextAutoConfiguration.class,
  GatewayServerMvcAutoConfiguration.class,
  FilterAutoConfiguration.class,
  HandlerFunctionAutoConfiguration.class,
  PredicateAutoConfiguration.class
})
@EnableConfigurationProperties(GatewayProperties.class)
@Import({WebConfiguration.class, TraceConfiguration.class})
class GatewayConfiguration {
  @Bean
  Clock clock() {
    return Clock.systemUTC();
  }

  /** HTTP/1.1, since the offer of an upgrade to HTTP/2 would go along with every request. */
  @Bean(destroyMethod = "close")
  HttpClient httpClient(GatewayProperties properties, SslBundles bundles) {
    return Tls.client(bundles, properties.services().values())
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER)
        .connectTimeout(properties.connectTimeout())
        .executor(Executors.newVirtualThreadPerTaskExecutor())
        .build();
  }

  @Bean
  ClientHttpRequestFactory requestFactory(HttpClient client, GatewayProperties properties) {
    return new JdkClientHttpRequestFactory(new PromptClient(client, properties.readTimeout()));
  }

  @Bean
  RouterFunction<ServerResponse> routes(GatewayProperties properties) {
    return new Routes(properties).all();
  }

  /**
   * The library's proxy takes its header filters only once the start is over, when the port has
   * been open for a moment; requests of that moment would fail.
   */
  @Bean
  SmartInitializingSingleton proxyBeforeRequests(
      ProxyExchangeHandlerFunction proxy, ApplicationContext context) {
    return () -> proxy.onApplicationEvent(new ContextRefreshedEvent(context));
  }

  /** Before all other filters, which refuse some requests by themselves. */
  @Bean
  FilterRegistrationBean<RequestMetrics> requestMetrics(MeterRegistry registry) {
    FilterRegistrationBean<RequestMetrics> filter =
        new FilterRegistrationBean<>(new RequestMetrics(registry));
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
    return filter;
  }

  @Bean
  FilterRegistrationBean<UntouchedForms> untouchedForms() {
    return new FilterRegistrationBean<>(new UntouchedForms());
  }

  @Bean
  HttpHeadersFilter.RequestHttpHeadersFilter requestHeaders() {
    return new ForwardedHeaders();
  }

  @Bean
  OpenApiEndpoint openApiOfAll(HttpClient client, GatewayProperties properties, Clock clock) {
    return new OpenApiEndpoint(client, properties, clock);
  }

  @Bean
  HealthEndpoint healthOfAll(HttpClient client, GatewayProperties properties, Clock clock) {
    return new HealthEndpoint(client, properties, clock);
  }
}
