package io.tributary.acceptance.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * A Compose file as Compose itself understands it: anchors and merges resolved, variables filled
 * in.
 *
 * @param services by name, in the file's order
 * @param document the whole file as maps, lists and scalars
 */
public record Compose(Map<String, ComposeService> services, Map<String, Object> document) {

  /** {@code ${NAME}}, {@code ${NAME:-default}}, or a doubled dollar sign, which means one. */
  private static final Pattern VARIABLE =
      Pattern.compile("\\$\\$|\\$\\{([A-Z0-9_]+)(?::-([^}]*))?}");

  /** Reads a file, with these variables in the place of a shell's or of an {@code .env} file's. */
  public static Compose read(Path file, Map<String, String> variables) {
    try (var text = Files.newBufferedReader(file)) {
      Object loaded = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
      Map<String, Object> document = map(filled(loaded, variables));
      Map<String, ComposeService> services = new LinkedHashMap<>();
      map(document.get("services"))
          .forEach((name, service) -> services.put(name, ComposeService.of(name, map(service))));
      return new Compose(services, document);
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + file, e);
    }
  }

  /** The service of this name. */
  public ComposeService service(String name) {
    ComposeService service = services.get(name);
    if (service == null) {
      throw new IllegalArgumentException("the Compose file has no service " + name);
    }
    return service;
  }

  private static Object filled(Object value, Map<String, String> variables) {
    return switch (value) {
      case Map<?, ?> map -> {
        Map<String, Object> all = new LinkedHashMap<>();
        map.forEach((key, inner) ->
            all.put(String.valueOf(key), inner == null ? "" : filled(inner, variables)));
        yield all;
      }
      case List<?> list -> {
        List<Object> all = new ArrayList<>();
        list.forEach(inner -> all.add(filled(inner, variables)));
        yield all;
      }
      case String text -> filled(text, variables);
      default -> value;
    };
  }

  private static String filled(String text, Map<String, String> variables) {
    Matcher matcher = VARIABLE.matcher(text);
    return matcher.replaceAll(found ->
        Matcher.quoteReplacement(
            found.group(1) == null ? "$" : value(found.group(1), found.group(2), variables)));
  }

  private static String value(
      String name, @org.jspecify.annotations.Nullable String other, Map<String, String> variables) {
    String set = variables.getOrDefault(name, "");
    if (set.isEmpty() && other == null) {
      throw new IllegalArgumentException(name + " isn't set and has no default");
    }
    return set.isEmpty() ? String.valueOf(other) : set;
  }

  /** A mapping of the document. */
  @SuppressWarnings("unchecked") // keys of a Compose file are texts, see filled
  static Map<String, Object> map(@org.jspecify.annotations.Nullable Object value) {
    return value == null ? Map.of() : (Map<String, Object>) value;
  }

  /** A list of scalars of the document. */
  static List<String> texts(@org.jspecify.annotations.Nullable Object value) {
    return switch (value) {
      case null -> List.of();
      case List<?> list -> list.stream().map(String::valueOf).toList();
      default -> List.of(String.valueOf(value));
    };
  }
}
