package io.tributary.web;

import java.util.List;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.http.converter.autoconfigure.ServerHttpMessageConvertersCustomizer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.json.JsonMapper;

/** Strict JSON, problem details, paging and versions, headers and limits for every HTTP API. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(WebProperties.class)
public class WebConfiguration {
  @Bean
  FilterRegistrationBean<RequestFilter> requestFilter(WebProperties properties) {
    FilterRegistrationBean<RequestFilter> filter =
        new FilterRegistrationBean<>(new RequestFilter(properties.maxBody()));
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 100);
    return filter;
  }

  @Bean
  ProblemHandler problemHandler() {
    return new ProblemHandler();
  }

  @Bean
  ErrorEndpoint errorEndpoint() {
    return new ErrorEndpoint();
  }

  /** Inside of the container's own valve for errors, which then finds the answer written. */
  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> refusalsOfTheContainer() {
    return factory ->
        factory.addContextCustomizers(
            context -> context.getParent().getPipeline().addValve(new ProblemValve()));
  }

  @Bean
  ServerHttpMessageConvertersCustomizer strictJson(JsonMapper mapper) {
    return converters -> converters.withJsonConverter(new JsonBodyConverter(mapper));
  }

  @Bean
  WebMvcConfigurer pagingArguments() {
    return new WebMvcConfigurer() {
      @Override
      public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(new PagingArguments());
      }
    };
  }
}
