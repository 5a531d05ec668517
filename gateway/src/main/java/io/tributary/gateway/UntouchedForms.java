package io.tributary.gateway;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets a posted form pass as it is. Reading a parameter of a form post makes the container eat the
 * body, and the routing code reads parameters to build the query; here they come from the query
 * alone.
 */
final class UntouchedForms extends OncePerRequestFilter {
  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String type = request.getContentType();
    boolean form =
        type != null
            && type.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded");
    chain.doFilter(form ? new QueryOnly(request) : request, response);
  }

  private static final class QueryOnly extends HttpServletRequestWrapper {
    private final Map<String, String[]> parameters;

    QueryOnly(HttpServletRequest request) {
      super(request);
      parameters = parse(request.getQueryString());
    }

    @Override
    public @Nullable String getParameter(String name) {
      String[] values = parameters.get(name);
      return values == null ? null : values[0];
    }

    @Override
    public Map<String, String[]> getParameterMap() {
      return parameters;
    }

    @Override
    public Enumeration<String> getParameterNames() {
      return Collections.enumeration(parameters.keySet());
    }

    @Override
    public String @Nullable [] getParameterValues(String name) {
      return parameters.get(name);
    }

    private static Map<String, String[]> parse(@Nullable String query) {
      Map<String, List<String>> found = new LinkedHashMap<>();
      for (String pair : query == null ? new String[0] : query.split("&")) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        if (!name.isEmpty()) {
          found.computeIfAbsent(decoded(name), key -> new ArrayList<>()).add(decoded(value));
        }
      }
      Map<String, String[]> parameters = new LinkedHashMap<>();
      found.forEach((name, values) -> parameters.put(name, values.toArray(String[]::new)));
      return Collections.unmodifiableMap(parameters);
    }

    private static String decoded(String text) {
      try {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
      } catch (IllegalArgumentException e) {
        return text; // no escape at all: passed on as it stands
      }
    }
  }
}
