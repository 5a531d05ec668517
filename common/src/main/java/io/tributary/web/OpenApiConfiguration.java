package io.tributary.web;

import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.core.converter.ResolvedSchema;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.tributary.access.RequiresScope;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.springdoc.core.configuration.SpringDocConfiguration;
import org.springdoc.core.configuration.SpringDocJavadocConfiguration;
import org.springdoc.core.configuration.SpringDocSpecPropertiesConfiguration;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springdoc.core.properties.SpringDocConfigProperties;
import org.springdoc.core.utils.SpringDocUtils;
import org.springdoc.webmvc.core.configuration.MultipleOpenApiSupportConfiguration;
import org.springdoc.webmvc.core.configuration.SpringDocWebMvcConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.method.HandlerMethod;

/**
 * One way for all services to describe their API: bearer tokens, scopes, problem answers, paging.
 * The rest of the text comes from the docstrings of the endpoints and of their records.
 */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({
  SpringDocConfiguration.class,
  SpringDocJavadocConfiguration.class,
  SpringDocSpecPropertiesConfiguration.class,
  SpringDocConfigProperties.class,
  MultipleOpenApiSupportConfiguration.class,
  SpringDocWebMvcConfiguration.class
})
public class OpenApiConfiguration {
  private static final String BEARER = "bearer";
  private static final String PROBLEM = "Problem";

  /** What is said of parameters that many operations have. */
  private static final Map<String, String> COMMON =
      Map.of(
          "id",
          "The id, as answers and lists have it.",
          "position",
          "From the X-Tributary-Position header of a collection answer: the read waits until those"
              + " events are visible, or answers 409.",
          "wait",
          "How many seconds to wait for the position: 0 to 10, 5 unless said.",
          "X-Tributary-Position",
          "The same as the parameter position, which wins over it.");

  static {
    SpringDocUtils.getConfig().addRequestWrapperToIgnore(PageQuery.class, IfMatch.class);
  }

  @Bean
  OpenApiCustomizer commonParts() {
    return api -> {
      api.info(new Info().title("Tributary API").version("v1"));
      api.servers(null);
      Components components = api.getComponents() == null ? new Components() : api.getComponents();
      api.components(components);
      components.addSecuritySchemes(
          BEARER,
          new SecurityScheme()
              .type(SecurityScheme.Type.HTTP)
              .scheme("bearer")
              .description("An API token: trb_…"));
      components.addResponses(PROBLEM, problemResponse(components));
      api.security(List.of(new SecurityRequirement().addList(BEARER)));
      if (api.getTags() != null) {
        api.getTags().forEach(tag -> tag.setName(tag(tag.getName())));
      }
      eachOperation(api);
    };
  }

  @Bean
  OperationCustomizer commonParameters() {
    return (operation, method) -> {
      String tag = tag(method);
      operation.tags(List.of(tag));
      operation.operationId(tag + "_" + method.getMethod().getName());
      for (MethodParameter parameter : method.getMethodParameters()) {
        if (parameter.getParameterType() == PageQuery.class) {
          addPaging(operation);
        } else if (parameter.getParameterType() == IfMatch.class) {
          operation.addParametersItem(
              header("If-Match", "The ETag of the version that was read.").required(true));
        }
      }
      if (method.hasMethodAnnotation(PostMapping.class)) {
        operation.addParametersItem(
            header(
                "Idempotency-Key",
                "The request is carried out once per key; repetitions get the first answer for 24"
                    + " hours."));
      }
      describeParameters(operation);
      addScope(operation, method);
      return operation;
    };
  }

  private static void describeParameters(Operation operation) {
    if (operation.getParameters() == null) {
      return;
    }
    for (Parameter parameter : operation.getParameters()) {
      if (parameter.getDescription() == null || parameter.getDescription().isBlank()) {
        parameter.setDescription(COMMON.get(parameter.getName()));
      }
    }
  }

  private static void addScope(Operation operation, HandlerMethod method) {
    RequiresScope own = method.getMethodAnnotation(RequiresScope.class);
    RequiresScope scope =
        own != null ? own : method.getBeanType().getAnnotation(RequiresScope.class);
    if (scope != null) {
      String before = operation.getDescription() == null ? "" : operation.getDescription() + " ";
      operation.setDescription(before + "Needs the scope `" + scope.value() + "`.");
    }
  }

  private static void eachOperation(OpenAPI api) {
    if (api.getPaths() == null) {
      return;
    }
    api.getPaths()
        .values()
        .forEach(path ->
            path.readOperations()
                .forEach(operation -> {
                  ApiResponses responses = operation.getResponses();
                  responses.addApiResponse(
                      "default", new ApiResponse().$ref("#/components/responses/" + PROBLEM));
                }));
  }

  private static ApiResponse problemResponse(Components components) {
    ResolvedSchema resolved =
        ModelConverters.getInstance(true)
            .resolveAsResolvedSchema(new AnnotatedType(ProblemAnswer.class).resolveAsRef(true));
    resolved.referencedSchemas.forEach(components::addSchemas);
    return new ApiResponse()
        .description("What is wrong and what to do (RFC 9457).")
        .content(
            new Content()
                .addMediaType(ProblemAnswer.MEDIA_TYPE, new MediaType().schema(resolved.schema)));
  }

  private static void addPaging(Operation operation) {
    Schema<?> limit = new IntegerSchema();
    limit.setMinimum(java.math.BigDecimal.ONE);
    limit.setMaximum(java.math.BigDecimal.valueOf(PageQuery.MAX_LIMIT));
    limit.setDefault(PageQuery.DEFAULT_LIMIT);
    operation.addParametersItem(
        new Parameter().name("limit").in("query").schema(limit).description("Entries per page."));
    operation.addParametersItem(
        new Parameter()
            .name("cursor")
            .in("query")
            .schema(new StringSchema())
            .description("nextCursor of the page before; none for the first page."));
  }

  private static Parameter header(String name, String description) {
    return new Parameter()
        .name(name)
        .in("header")
        .schema(new StringSchema())
        .description(description);
  }

  private static String tag(HandlerMethod method) {
    String name = method.getBeanType().getSimpleName().replaceFirst("Endpoints?$", "");
    return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
  }

  /**
   * springdoc names a described class {@code refused-links-endpoint}; operations have the other.
   */
  private static String tag(String kebab) {
    return Pattern.compile("-(.)")
        .matcher(kebab.replaceFirst("-endpoints?$", ""))
        .replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
  }
}
