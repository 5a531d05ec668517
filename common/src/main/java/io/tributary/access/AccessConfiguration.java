package io.tributary.access;

import io.tributary.web.Idempotency;
import io.tributary.web.IdempotencyFilter;
import java.time.Clock;
import java.util.List;
import javax.sql.DataSource;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Guards everything below {@code /api} and {@code /actuator} by API tokens. Takes the service's
 * {@link DataSource} and {@link Clock}, and its {@link Idempotency} where there is one.
 */
@Configuration(proxyBeanMethods = false)
public class AccessConfiguration {
  private static final int AFTER_REQUEST_FILTER = Ordered.HIGHEST_PRECEDENCE + 200;

  @Bean
  TokenAuthenticator tokenAuthenticator(DataSource dataSource, Clock clock) {
    return new TokenAuthenticator(dataSource, clock);
  }

  @Bean
  FilterRegistrationBean<AccessFilter> accessFilter(
      TokenAuthenticator tokens, @Value("${TRIBUTARY_API_RATE:0}") long requestsPerSecond) {
    FilterRegistrationBean<AccessFilter> filter =
        new FilterRegistrationBean<>(new AccessFilter(tokens, new RateLimit(requestsPerSecond)));
    filter.addUrlPatterns("/api/*", "/actuator/*");
    filter.setOrder(AFTER_REQUEST_FILTER);
    return filter;
  }

  @Bean
  FilterRegistrationBean<IdempotencyFilter> idempotencyFilter(
      ObjectProvider<Idempotency> idempotency) {
    FilterRegistrationBean<IdempotencyFilter> filter =
        new FilterRegistrationBean<>(
            new IdempotencyFilter(
                idempotency::getIfAvailable,
                request -> AccessFilter.caller(request).map(Caller::workspaceId)));
    filter.addUrlPatterns("/api/*");
    filter.setOrder(AFTER_REQUEST_FILTER + 100);
    return filter;
  }

  @Bean
  ScopeCheck scopeCheck(ObjectProvider<RequestMappingHandlerMapping> mappings) {
    return new ScopeCheck(mappings);
  }

  @Bean
  WebMvcConfigurer accessToEndpoints(ObjectProvider<ScopeCheck> scopes) {
    return new WebMvcConfigurer() {
      @Override
      public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(scopes.getObject());
      }

      @Override
      public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(new CallerArgument());
      }
    };
  }

  @Bean
  OperationCustomizer scopeInDocument() {
    SpringDocUtils.getConfig().addRequestWrapperToIgnore(Caller.class);
    return (operation, method) -> {
      ScopeCheck.scope(method).ifPresent(scope -> operation.addExtension("x-scope", scope));
      return operation;
    };
  }
}
