package io.tributary.access;

import io.tributary.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Enforces {@link RequiresScope}, and refuses to start when an endpoint below {@code /api} lacks
 * it: a forgotten annotation must not be an open door.
 */
final class ScopeCheck implements HandlerInterceptor, SmartInitializingSingleton {
  private final ObjectProvider<RequestMappingHandlerMapping> mappings;

  ScopeCheck(ObjectProvider<RequestMappingHandlerMapping> mappings) {
    this.mappings = mappings;
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (handler instanceof HandlerMethod method) {
      scope(method).ifPresent(scope -> require(AccessFilter.caller(request).orElse(null), scope));
    }
    return true;
  }

  static void require(@Nullable Caller caller, String scope) {
    if (caller == null) {
      throw Problem.unauthorized(
          "token_required", "Send an API token as the header: Authorization: Bearer trb_…");
    }
    caller.require(scope);
  }

  @Override
  public void afterSingletonsInstantiated() {
    mappings.orderedStream().forEach(m -> m.getHandlerMethods().forEach(ScopeCheck::check));
  }

  private static void check(RequestMappingInfo info, HandlerMethod method) {
    boolean api = info.getPatternValues().stream().anyMatch(path -> path.startsWith("/api"));
    Optional<String> scope = scope(method);
    if (api && scope.isEmpty()) {
      throw new IllegalStateException(
          "endpoint " + method + " lies below /api and has no @RequiresScope");
    }
    if (scope.isPresent() && !Scopes.KNOWN.contains(scope.get())) {
      throw new IllegalStateException(
          "endpoint " + method + " requires the unknown scope " + scope.get());
    }
  }

  static Optional<String> scope(HandlerMethod method) {
    RequiresScope own = method.getMethodAnnotation(RequiresScope.class);
    if (own == null) {
      own = AnnotatedElementUtils.findMergedAnnotation(method.getBeanType(), RequiresScope.class);
    }
    return Optional.ofNullable(own).map(RequiresScope::value);
  }
}
