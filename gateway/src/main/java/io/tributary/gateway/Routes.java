package io.tributary.gateway;

import static org.springframework.cloud.gateway.server.mvc.filter.BeforeFilterFunctions.uri;
import static org.springframework.cloud.gateway.server.mvc.handler.GatewayRouterFunctions.route;
import static org.springframework.cloud.gateway.server.mvc.handler.HandlerFunctions.http;

import io.tributary.web.Problem;
import io.tributary.web.ProblemAnswer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.server.PathContainer;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.RequestPredicate;
import org.springframework.web.servlet.function.RequestPredicates;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/** Which address belongs to which service. The first match counts, so exceptions come first. */
final class Routes {
  private static final Logger LOG = LoggerFactory.getLogger(Routes.class);

  /** What services might read as another path than the one that was routed by. */
  private static final Pattern TRICKY =
      Pattern.compile("//|;|\\\\|/\\.\\.?(/|$)|%(2e|2f|5c|25|3b)", Pattern.CASE_INSENSITIVE);

  private static final List<Route> TABLE =
      List.of(
          Route.of(
              "profile-identity",
              "identity",
              "/api/v1/profiles/{id}/merges/**",
              "/api/v1/profiles/{id}/split"),
          Route.of("profile-segment", "segment", "/api/v1/profiles/{id}/segments/**"),
          Route.of(
              "ingestion",
              "ingestion",
              "/api/v1/workspaces/**",
              "/api/v1/sources/**",
              "/api/v1/event-catalogue/**",
              "/api/v1/event-stream/**",
              "/api/v1/tracking-plans/**",
              "/api/v1/webhook-providers/**",
              "/api/v1/tokens/**",
              "/api/v1/quarantine/**",
              "/api/v1/imports/**",
              "/api/v1/pulls/**",
              "/api/v1/destinations/**"),
          Route.of("identity", "identity", "/api/v1/merges/**", "/api/v1/identity/**"),
          Route.of(
              "profile",
              "profile",
              "/api/v1/profiles/**",
              "/api/v1/privacy-requests/**",
              "/api/v1/events/**",
              "/api/v1/status/**"),
          Route.of("segment", "segment", "/api/v1/segments/**"),
          Route.of(
              "campaign",
              "campaign",
              "/api/v1/campaigns/**",
              "/api/v1/deliveries/**",
              "/api/v1/suppressions/**",
              "/e/**"));

  private static final List<String> SET_FOR_API =
      List.of(
          "X-Content-Type-Options",
          "Cache-Control",
          "Content-Security-Policy",
          "Referrer-Policy",
          "Strict-Transport-Security");

  private final GatewayProperties services;

  Routes(GatewayProperties services) {
    this.services = services;
  }

  /** The door to a service: the paths that lead there. */
  private record Route(String name, String service, List<PathPattern> paths) {
    static Route of(String name, String service, String... paths) {
      return new Route(
          name,
          service,
          Arrays.stream(paths).map(PathPatternParser.defaultInstance::parse).toList());
    }
  }

  RouterFunction<ServerResponse> all() {
    return TABLE.stream().map(this::function).reduce(RouterFunction::and).orElseThrow();
  }

  /** The names of all routes. */
  static List<String> names() {
    return TABLE.stream().map(Route::name).toList();
  }

  /** The name of the service that a path leads to. */
  static Optional<String> service(String path) {
    PathContainer parsed = PathContainer.parsePath(path);
    return TABLE.stream()
        .filter(route -> route.paths().stream().anyMatch(pattern -> pattern.matches(parsed)))
        .map(Route::service)
        .findFirst();
  }

  private RouterFunction<ServerResponse> function(Route to) {
    RequestPredicate any =
        to.paths().stream()
            .map(pattern -> RequestPredicates.path(pattern.getPatternString()))
            .reduce(RequestPredicate::or)
            .orElseThrow();
    return route(to.name())
        .route(any, http())
        .filter((request, next) -> guarded(to, request, next))
        .before(uri(Objects.requireNonNull(services.services().get(to.service()))))
        .build();
  }

  private static ServerResponse guarded(
      Route to, ServerRequest request, HandlerFunction<ServerResponse> next) throws Exception {
    RequestMetrics.taken(request.servletRequest(), to.name());
    if (TRICKY.matcher(request.servletRequest().getRequestURI()).find()) {
      return answer(
          Problem.badRequest("invalid_path", "Write the path plainly, without dots or escapes."));
    }
    try {
      ServerResponse response = next.handle(request);
      leaveOutWhatIsSet(request, response);
      return response;
    } catch (ResourceAccessException e) {
      return answer(Problem.known(e).orElseGet(() -> away(to.service(), e)));
    }
  }

  /** The gateway's own request filter has put these on the answer: no header stands twice. */
  private static void leaveOutWhatIsSet(ServerRequest request, ServerResponse response) {
    response.headers().remove("X-Request-Id");
    if (request.path().startsWith("/api")) {
      SET_FOR_API.forEach(response.headers()::remove);
    }
  }

  private static Problem away(String name, ResourceAccessException e) {
    LOG.warn("gateway route={} outcome=unavailable cause={}", name, String.valueOf(e.getCause()));
    return Problem.unavailable(
        "service_unavailable",
        "The " + name + " service does not answer just now. Send it again in a moment.",
        Duration.ofSeconds(2));
  }

  private static ServerResponse answer(Problem problem) {
    return ServerResponse.status(problem.status())
        .build((request, response) -> {
          ProblemAnswer.write(request, response, problem);
          return null;
        });
  }
}
