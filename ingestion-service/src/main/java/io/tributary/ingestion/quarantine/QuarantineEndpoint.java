package io.tributary.ingestion.quarantine;

import io.swagger.v3.oas.annotations.media.Schema;
import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.event.Json;
import io.tributary.stream.PositionToken;
import io.tributary.web.Cursor;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import io.tributary.web.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** What was refused, by the collector or by a later stage. */
@RestController
@RequestMapping("/api/v1/quarantine")
public final class QuarantineEndpoint {
  private static final String CURSOR = "quarantine";

  private final QuarantineStore store;
  private final Replay replay;

  /** Shows and puts back entries of this store. */
  public QuarantineEndpoint(QuarantineStore store, Replay replay) {
    this.store = store;
    this.replay = replay;
  }

  /** One thing that was wrong. */
  record ReasonAnswer(String code, @Nullable String path, String message) {}

  /**
   * An entry of the list.
   *
   * @param stage who refused it: collect, identity, profile, segment or campaign
   * @param topic where it came from
   * @param size its length in bytes
   * @param replayedAt when it was put back, if it was
   */
  record EntryAnswer(
      String id,
      @Nullable String sourceId,
      String stage,
      @Nullable String messageId,
      List<ReasonAnswer> reasons,
      @Nullable String topic,
      Instant at,
      int size,
      @Nullable Instant replayedAt) {
    static EntryAnswer from(QuarantineStore.Entry entry) {
      return new EntryAnswer(
          entry.id(),
          entry.sourceId(),
          entry.stage(),
          entry.messageId(),
          QuarantineEndpoint.reasonsOf(entry.reasons()),
          entry.topic(),
          entry.at(),
          entry.size(),
          entry.replayedAt());
    }
  }

  /**
   * An entry with what was refused.
   *
   * @param original the bytes as they came, in base64
   * @param text the same as text, where they are UTF-8
   */
  record DetailAnswer(EntryAnswer entry, String original, @Nullable String text) {}

  /**
   * What an event should have been.
   *
   * @param event the corrected event (a list of events where the entry is a list)
   */
  record Correction(@Nullable @Schema(type = "object") JsonNode event) {}

  /**
   * The outcome of putting an entry back.
   *
   * @param position names the place in the stream, for reads that wait for it
   */
  record ReplayAnswer(String id, @Nullable String position) {}

  /**
   * What was set aside, the latest first.
   *
   * @param stage only what this stage refused: collect, identity, profile, segment or campaign
   * @param source only what came from this source, src_…
   * @param code only what has this reason
   */
  @GetMapping
  @RequiresScope(Scopes.QUARANTINE_READ)
  Page<EntryAnswer> list(
      Caller caller,
      PageQuery query,
      @RequestParam(required = false) @Nullable String stage,
      @RequestParam(required = false) @Nullable String source,
      @RequestParam(required = false) @Nullable String code) {
    String after = query.after(CURSOR, 1).map(cursor -> cursor.text(0)).orElse(null);
    QuarantineStore.Filter filter = new QuarantineStore.Filter(stage, source, code);
    List<QuarantineStore.Entry> rows =
        store.list(caller.workspaceId(), filter, after, query.fetchSize());
    return Page.of(rows, query, row -> Cursor.of(CURSOR, row.id())).map(EntryAnswer::from);
  }

  /** An entry with all reasons and the bytes as they came. */
  @GetMapping("/{id}")
  @RequiresScope(Scopes.QUARANTINE_READ)
  DetailAnswer read(Caller caller, @PathVariable String id) {
    QuarantineStore.Detail detail =
        store
            .find(caller.workspaceId(), id)
            .orElseThrow(() -> Problem.notFound("There's no quarantine entry with this id."));
    return new DetailAnswer(
        EntryAnswer.from(detail.entry()),
        Base64.getEncoder().encodeToString(detail.original()),
        text(detail.original()));
  }

  /** Puts an entry back, corrected or as it was, with its message id and time; once. */
  @PostMapping("/{id}/replay")
  @RequiresScope(Scopes.QUARANTINE_WRITE)
  ReplayAnswer replay(
      Caller caller,
      @PathVariable String id,
      @RequestBody(required = false) @Nullable Correction correction) {
    JsonNode event = correction == null ? null : correction.event();
    byte[] corrected = event == null ? null : Json.MAPPER.writeValueAsBytes(event);
    PositionToken position = replay.replay(caller, id, corrected);
    return new ReplayAnswer(id, position == null ? null : position.format());
  }

  private static List<ReasonAnswer> reasonsOf(String json) {
    return Json.MAPPER
        .readTree(json)
        .valueStream()
        .map(reason ->
            new ReasonAnswer(
                reason.path("code").asString(""),
                reason.hasNonNull("path") ? reason.get("path").asString() : null,
                reason.path("message").asString("")))
        .toList();
  }

  private static @Nullable String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
