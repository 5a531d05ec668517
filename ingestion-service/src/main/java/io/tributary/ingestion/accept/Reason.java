package io.tributary.ingestion.accept;

import io.tributary.event.Json;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;

/**
 * One thing that is wrong with an event.
 *
 * @param code stable, for programs
 * @param path the field, such as {@code properties.products[0].price}; begins with {@code $.} for a
 *     field of the batch around the event, and is {@code $} for the event as a whole
 * @param message what is wrong and what is allowed, without the value
 */
public record Reason(String code, String path, String message) {

  /** The JSON array of reasons that a quarantine keeps. */
  public static String json(List<Reason> reasons) {
    return array(reasons).toString();
  }

  static ArrayNode array(List<Reason> reasons) {
    ArrayNode array = Json.MAPPER.createArrayNode();
    for (Reason reason : reasons) {
      array
          .addObject()
          .put("code", reason.code)
          .put("path", reason.path)
          .put("message", reason.message);
    }
    return array;
  }
}
