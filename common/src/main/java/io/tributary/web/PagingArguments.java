package io.tributary.web;

import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/** Hands {@link PageQuery} and {@link IfMatch} to the endpoints that declare them. */
final class PagingArguments implements HandlerMethodArgumentResolver {
  @Override
  public boolean supportsParameter(MethodParameter parameter) {
    return parameter.getParameterType() == PageQuery.class
        || parameter.getParameterType() == IfMatch.class;
  }

  @Override
  public Object resolveArgument(
      MethodParameter parameter,
      @Nullable ModelAndViewContainer container,
      NativeWebRequest request,
      @Nullable WebDataBinderFactory binders) {
    if (parameter.getParameterType() == IfMatch.class) {
      return IfMatch.of(request.getHeader("If-Match"));
    }
    String cursor = request.getParameter("cursor");
    return new PageQuery(
        limit(request.getParameter("limit")), cursor == null || cursor.isEmpty() ? null : cursor);
  }

  private static int limit(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return PageQuery.DEFAULT_LIMIT;
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw Problem.invalid(
          "limit", "invalid_value", "must be a whole number from 1 to " + PageQuery.MAX_LIMIT);
    }
  }
}
