package io.tributary.ingestion.webhook;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A request as it came in.
 *
 * @param url the address as it is registered at the provider, with its query; not what the request
 *     itself says of hosts
 * @param query what stands behind the question mark, undecoded; empty for none
 * @param headers by name in any case; of one that came twice the first
 * @param body the raw bytes; must not change
 */
public record Incoming(
    String method, String url, String query, Map<String, String> headers, byte[] body) {

  /** Copies the headers. */
  public Incoming {
    Map<String, String> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    byName.putAll(headers);
    headers = Collections.unmodifiableMap(byName);
  }

  /** The same with a body. */
  public Incoming with(byte[] newBody) {
    return new Incoming(method, url, query, headers, newBody);
  }

  /** A name of a form with one of its values. */
  record Field(String name, String value) {}

  /** The first value of a parameter of the query. */
  @Nullable String parameter(String name) {
    for (Field field : fields(query)) {
      if (field.name().equals(name)) {
        return field.value();
      }
    }
    return null;
  }

  /** The body as a form, in its order. */
  List<Field> form() {
    return fields(new String(body, StandardCharsets.UTF_8));
  }

  private static List<Field> fields(String text) {
    List<Field> fields = new ArrayList<>();
    int from = 0;
    while (from < text.length()) {
      int end = text.indexOf('&', from);
      end = end < 0 ? text.length() : end;
      int equals = text.indexOf('=', from);
      boolean valued = equals >= 0 && equals < end;
      String name = text.substring(from, valued ? equals : end);
      if (!name.isEmpty()) {
        fields.add(
            new Field(decoded(name), valued ? decoded(text.substring(equals + 1, end)) : ""));
      }
      from = end + 1;
    }
    return fields;
  }

  /** What isn't well encoded stays as it is. */
  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }
}
