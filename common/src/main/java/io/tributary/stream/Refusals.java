package io.tributary.stream;

import io.tributary.event.Json;
import io.tributary.event.MalformedRecordException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Words for the quarantine about records that the loop itself puts there. Error texts may hold
 * personal data: they're left out.
 */
public final class Refusals {
  private Refusals() {}

  /** The reasons of one refusal as the JSON array that the quarantine holds. */
  public static String reason(String code, String message) {
    return Json.MAPPER
        .createArrayNode()
        .add(Json.MAPPER.createObjectNode().put("code", code).put("message", message))
        .toString();
  }

  static String unprocessable(Exception error) {
    if (error instanceof MalformedRecordException malformed) {
      return reason("malformed_record", String.valueOf(malformed.getMessage()));
    }
    if (error instanceof SQLException sql) {
      return reason(
          "not_storable",
          "The database refused a value of this record (SQLState " + sql.getSQLState() + ").");
    }
    return reason(
        "processing_failed",
        "Processing failed unexpectedly with "
            + error.getClass().getSimpleName()
            + "; replay it after an upgrade.");
  }

  /** The workspace named in a record, as far as it can be read. */
  static @Nullable String workspaceOf(byte[] value) {
    try {
      JsonNode tree = Json.MAPPER.readTree(value);
      JsonNode own = tree.path("workspaceId");
      JsonNode nested = tree.path("event").path("workspaceId");
      return own.isString() ? own.asString() : nested.isString() ? nested.asString() : null;
    } catch (JacksonException e) {
      return null;
    }
  }
}
