package io.tributary.ingestion.files;

import io.tributary.event.Json;
import io.tributary.ingestion.accept.BoundedJson;
import io.tributary.ingestion.accept.Reason;
import io.tributary.ingestion.accept.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The first rows, and what becomes of each. */
public final class Preview {
  /** So many are shown. */
  public static final int ROWS = 20;

  /** Bytes of a row that is shown. */
  private static final int MAX_SHOWN = 40_000;

  private Preview() {}

  /**
   * As JSON: a list of objects with line, outcome (accepted or refused), reasons and call.
   *
   * @param withholds whether the source's transformation takes something away: then a row is shown
   *     only as that left it
   */
  public static String of(List<RowJudge.Judged> judged, boolean withholds) {
    List<String> rows = new ArrayList<>();
    for (RowJudge.Judged each : judged.subList(0, Math.min(ROWS, judged.size()))) {
      ObjectNode row = Json.MAPPER.createObjectNode();
      row.put("line", each.row().line());
      row.put("outcome", each.isAccepted() ? "accepted" : "refused");
      row.set("reasons", Json.MAPPER.readTree(Reason.json(each.reasons())));
      row.set("call", Objects.requireNonNullElse(became(each, withholds), Json.MAPPER.nullNode()));
      rows.add(
          BoundedJson.bytes(row, MAX_SHOWN)
              .or(() -> BoundedJson.bytes(row.putNull("call"), MAX_SHOWN))
              .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
              .orElse("null"));
    }
    return "[" + String.join(",", rows) + "]";
  }

  /** What a row became: with a transformation, what that left of it. */
  private static @Nullable JsonNode became(RowJudge.Judged judged, boolean withholds) {
    return switch (judged.verdict()) {
      case Verdict.Accepted event when event.source().transformation() != null ->
          Json.MAPPER.readTree(event.draft().encode());
      case Verdict.Rejected event when event.transformed() ->
          Json.MAPPER.readTree(event.original());
      case null, default -> withholds ? null : judged.call();
    };
  }
}
