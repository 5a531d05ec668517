package io.tributary.ingestion.collect;

import io.tributary.event.Json;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** An event in the address of a picture, for mails and pages without scripts. */
final class Pixel {
  /** A transparent GIF of one point. */
  private static final byte[] GIF =
      Base64.getDecoder().decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");

  private static final int MAX_DEPTH = 8;

  private Pixel() {}

  static byte[] gif() {
    return GIF.clone();
  }

  /** The parameters of a query, decoded; of two with one name the last counts. */
  static Map<String, String> parameters(@Nullable String query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (query == null) {
      return parameters;
    }
    for (String pair : query.split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        String name = URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8);
        parameters.put(name, URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return parameters;
  }

  /**
   * The event as JSON: what {@code data} holds in base64, else the parameters, where a dot in a
   * name leads into an object.
   */
  static byte[] body(Map<String, String> parameters) {
    String data = parameters.get("data");
    if (data != null) {
      // A plus sign of plain base64 was decoded as a blank.
      String url = data.strip().replace(' ', '-').replace('+', '-').replace('/', '_');
      return Base64.getUrlDecoder().decode(url.replace("=", ""));
    }
    ObjectNode event = Json.MAPPER.createObjectNode();
    parameters.forEach((name, value) -> put(event, name.split("\\.", MAX_DEPTH), value));
    return Json.MAPPER.writeValueAsBytes(event);
  }

  private static void put(ObjectNode event, String[] path, String value) {
    ObjectNode object = event;
    for (int i = 0; i < path.length - 1; i++) {
      object = object.get(path[i]) instanceof ObjectNode inner ? inner : object.putObject(path[i]);
    }
    object.put(path[path.length - 1], value);
  }
}
