package io.tributary.ingestion.quarantine;

import io.swagger.v3.oas.annotations.media.Schema;
import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.event.Json;
import io.tributary.ingestion.transform.Op;
import io.tributary.stream.PositionToken;
import io.tributary.web.Cursor;
import io.tributary.web.Faults;
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
  private static final String BULK_CURSOR = "quarantine-replay";

  private final QuarantineStore store;
  private final Replay replay;
  private final BulkReplay bulk;

  /** Shows and puts back entries of this store. */
  public QuarantineEndpoint(QuarantineStore store, Replay replay, BulkReplay bulk) {
    this.store = store;
    this.replay = replay;
    this.bulk = bulk;
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
   * @param state open, replayed, or dismissed
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
      @Nullable Instant replayedAt,
      String state) {
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
          entry.replayedAt(),
          entry.state());
    }
  }

  /**
   * A change to each event.
   *
   * @param op set, remove, move or cast
   * @param path the place, as a JSON Pointer: /properties/total
   * @param from for move: the place before
   * @param value for set: what is put there
   * @param to for cast: number, string or boolean
   */
  record EditBody(
      @Nullable String op,
      @Nullable String path,
      @Nullable String from,
      @Nullable @Schema(implementation = Object.class) JsonNode value,
      @Nullable String to) {}

  /**
   * Which entries to put back, and how.
   *
   * @param stage only what this stage refused: collect, identity, profile, segment or campaign
   * @param source only what came from this source, src_…
   * @param code only what has this reason
   * @param path only what has a reason at this place; with a code, the same reason
   * @param edits made to each event, in this order, before it is judged; at most 20
   * @param dryRun whether it is only told what would become of them
   * @param cursor the nextCursor of the answer before; absent to begin
   */
  record BulkBody(
      @Nullable String stage,
      @Nullable String source,
      @Nullable String code,
      @Nullable String path,
      @Nullable List<@Nullable EditBody> edits,
      @Nullable Boolean dryRun,
      @Nullable String cursor) {}

  /**
   * Which entries to give up.
   *
   * @param stage only what this stage refused: collect, identity, profile, segment or campaign
   * @param source only what came from this source, src_…
   * @param code only what has this reason
   * @param path only what has a reason at this place; with a code, the same reason
   */
  record DismissBody(
      @Nullable String stage,
      @Nullable String source,
      @Nullable String code,
      @Nullable String path) {}

  /**
   * What became of a part of the entries.
   *
   * @param examined how many were looked at
   * @param replayed how many went back, or would
   * @param busy how many somebody else is putting back at this moment
   * @param refused why the others stay; an entry counts with each of its reasons
   * @param left how many wait behind this part, counted as far as 10,000
   * @param nextCursor send it with the same request to go on; absent when all is done
   */
  record BulkAnswer(
      boolean dryRun,
      int examined,
      int replayed,
      int busy,
      List<BulkReplay.Refused> refused,
      int left,
      @Nullable String nextCursor) {}

  /** How many were given up, and how many more wait; counted as far as 10,000. */
  record DismissAnswer(int dismissed, int left) {}

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
   * @param path only what has a reason at this place
   * @param state only what is open, replayed or dismissed
   */
  @GetMapping
  @RequiresScope(Scopes.QUARANTINE_READ)
  Page<EntryAnswer> list(
      Caller caller,
      PageQuery query,
      @RequestParam(required = false) @Nullable String stage,
      @RequestParam(required = false) @Nullable String source,
      @RequestParam(required = false) @Nullable String code,
      @RequestParam(required = false) @Nullable String path,
      @RequestParam(required = false) @Nullable String state) {
    if (state != null && !QuarantineStore.STATES.contains(state)) {
      throw Problem.invalid("state", "invalid_value", "must be open, replayed or dismissed");
    }
    String after = query.after(CURSOR, 1).map(cursor -> cursor.text(0)).orElse(null);
    QuarantineStore.Filter filter = new QuarantineStore.Filter(stage, source, code, path, state);
    List<QuarantineStore.Entry> rows =
        store.list(caller.workspaceId(), filter, after, query.fetchSize());
    return Page.of(rows, query, row -> Cursor.of(CURSOR, row.id())).map(EntryAnswer::from);
  }

  /**
   * Why entries are there that were neither put back nor dismissed, the most frequent reason first.
   *
   * @param stage only what this stage refused: collect, identity, profile, segment or campaign
   * @param source only what came from this source, src_…
   */
  @GetMapping("/causes")
  @RequiresScope(Scopes.QUARANTINE_READ)
  Page<QuarantineStore.Cause> causes(
      Caller caller,
      @RequestParam(required = false) @Nullable String stage,
      @RequestParam(required = false) @Nullable String source) {
    QuarantineStore.Filter filter = new QuarantineStore.Filter(stage, source, null, null, null);
    return new Page<>(store.causes(caller.workspaceId(), filter), null);
  }

  /**
   * Puts back all open entries of a cause, edited or as they are, up to 500 in a call, the latest
   * first; each once. Say dryRun first.
   */
  @PostMapping("/replay")
  @RequiresScope(Scopes.QUARANTINE_WRITE)
  BulkAnswer replayAll(Caller caller, @RequestBody BulkBody body) {
    Faults faults = new Faults();
    QuarantineStore.Filter filter = narrowed(body.stage, body.source, body.code, body.path, faults);
    List<Op> edits = Edits.read(body.edits, faults);
    faults.throwIfAny();
    String after = body.cursor == null ? null : Cursor.decode(body.cursor, BULK_CURSOR, 1).text(0);
    boolean dryRun = Boolean.TRUE.equals(body.dryRun);
    BulkReplay.Part part = bulk.next(caller, new BulkReplay.Wish(filter, edits, dryRun, after));
    return new BulkAnswer(
        dryRun,
        part.examined(),
        part.replayed(),
        part.busy(),
        part.refused(),
        part.left(),
        part.last() == null ? null : Cursor.of(BULK_CURSOR, part.last()).encode());
  }

  /**
   * Gives up all open entries of a cause, up to 10,000 in a call: they stay to be looked at, and
   * count no more. A single one can still be put back.
   */
  @PostMapping("/dismiss")
  @RequiresScope(Scopes.QUARANTINE_WRITE)
  DismissAnswer dismiss(Caller caller, @RequestBody DismissBody body) {
    Faults faults = new Faults();
    QuarantineStore.Filter filter = narrowed(body.stage, body.source, body.code, body.path, faults);
    faults.throwIfAny();
    int dismissed = store.dismiss(caller.workspaceId(), filter, caller.tokenId());
    return new DismissAnswer(dismissed, store.count(caller.workspaceId(), filter, null));
  }

  /** Everything at once is nobody's wish, but soon said. */
  private static QuarantineStore.Filter narrowed(
      @Nullable String stage,
      @Nullable String source,
      @Nullable String code,
      @Nullable String path,
      Faults faults) {
    faults.check(
        stage != null || source != null || code != null || path != null,
        "code",
        "required",
        "is missing: say which entries by code, path, stage or source");
    return new QuarantineStore.Filter(stage, source, code, path, QuarantineStore.OPEN);
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
