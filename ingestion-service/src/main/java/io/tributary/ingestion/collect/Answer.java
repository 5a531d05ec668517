package io.tributary.ingestion.collect;

import io.tributary.event.JsonBytes;
import io.tributary.event.RawJson;
import io.tributary.stream.PositionToken;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a sender is told.
 *
 * @param code stable, for programs; null for success
 * @param message for people; null for success
 * @param position where the accepted events lie, if there are any
 * @param refused how many events failed the checks and went to the quarantine
 * @param verdicts what became of each event, a JSON array; null for who didn't ask
 */
record Answer(
    int status,
    @Nullable String code,
    @Nullable String message,
    @Nullable PositionToken position,
    int refused,
    @Nullable RawJson verdicts) {

  static Answer success(@Nullable PositionToken position, int refused) {
    return success(position, refused, null);
  }

  static Answer success(@Nullable PositionToken position, int refused, @Nullable RawJson verdicts) {
    return new Answer(200, null, null, position, refused, verdicts);
  }

  static Answer refused(int status, String code, String message) {
    return new Answer(status, code, message, null, 0, null);
  }

  /** SDKs parse every body, also that of a refusal. */
  byte[] body() {
    if (code == null) {
      String also =
          (refused == 0 ? "" : ",\"refused\":" + refused)
              + (verdicts == null ? "" : ",\"verdicts\":" + verdicts);
      return ("{\"success\":true" + also + "}").getBytes(StandardCharsets.UTF_8);
    }
    return new JsonBytes(256)
        .raw("success", RawJson.of("false"))
        .text("code", code)
        .text("message", message)
        .close();
  }
}
