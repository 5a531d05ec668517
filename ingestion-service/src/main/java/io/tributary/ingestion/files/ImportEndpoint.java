package io.tributary.ingestion.files;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.event.Ids;
import io.tributary.event.Json;
import io.tributary.ingestion.governance.SourceKinds;
import io.tributary.web.CsvCell;
import io.tributary.web.Cursor;
import io.tributary.web.IfMatch;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import io.tributary.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Imports of files: described, uploaded in parts, checked row by row without taking anything, then
 * started.
 */
@RestController
@RequestMapping("/api/v1/imports")
class ImportEndpoint {
  private static final Logger LOG = LoggerFactory.getLogger(ImportEndpoint.class);

  /** Parts of a file; at a megabyte each, files of 4 GB. */
  private static final int MAX_PARTS = 4_096;

  private static final int REFUSALS_AT_ONCE = 1_000;

  private final ImportStore store;
  private final SourceKinds kinds;
  private final Clock clock;

  ImportEndpoint(ImportStore store, SourceKinds kinds, Clock clock) {
    this.store = store;
    this.kinds = kinds;
    this.clock = clock;
  }

  /**
   * How far an import is.
   *
   * @param state open (its file is awaited), checking, checked, running, done, failed or cancelled
   * @param problem why it failed
   * @param file of the file what is known of it; null while it's uploaded
   * @param rows that were read, by the check or by the run
   * @param rowsPerSecond of what is going on
   * @param secondsLeft until it's through, at this speed
   */
  record ImportAnswer(
      String id,
      ImportState state,
      @Nullable String problem,
      ImportDefinition definition,
      @Nullable ImportedFile file,
      ImportedRows rows,
      @Nullable Long rowsPerSecond,
      @Nullable Long secondsLeft,
      Instant createdAt,
      @Nullable Instant startedAt,
      @Nullable Instant finishedAt) {}

  /**
   * A file.
   *
   * @param read how many of its bytes were read
   */
  record ImportedFile(int parts, long bytes, long read) {}

  /**
   * Counts of rows.
   *
   * @param accepted that become, or became, events
   * @param refused that don't; see refusals
   */
  record ImportedRows(long read, long accepted, long refused) {}

  /**
   * The first rows of a file.
   *
   * @param rows each with line, outcome (accepted or refused), reasons, and the call that it
   *     becomes
   */
  record ImportPreview(
      ImportState state,
      @JsonRawValue @Schema(types = "array", implementation = Object[].class) String rows) {}

  /**
   * How to start.
   *
   * @param again whether a file may be taken in that was taken in before
   */
  record StartImport(@Nullable Boolean again) {}

  /** Describes an import; its file comes next, part by part. */
  @PostMapping
  @RequiresScope(Scopes.SOURCES_WRITE)
  ResponseEntity<ImportAnswer> create(Caller caller, @RequestBody ImportDefinition wanted) {
    ImportDefinition definition = checked(caller, wanted);
    FileImport made =
        store
            .create(Ids.create("imp"), caller.workspaceId(), definition, clock.instant())
            .orElseThrow(() ->
                Problem.conflict(
                    "too_many_imports",
                    "A workspace has at most "
                        + ImportStore.MAX_UNENDED
                        + " imports that aren't ended; cancel one first."));
    LOG.info("import={} action=create workspace={}", made.id(), caller.workspaceId());
    return ResponseEntity.created(URI.create("/api/v1/imports/" + made.id()))
        .eTag(IfMatch.etag(made.version()))
        .body(answer(made));
  }

  /** All imports, the oldest first. */
  @GetMapping
  @RequiresScope(Scopes.SOURCES_READ)
  Page<ImportAnswer> list(Caller caller, PageQuery page) {
    String after = page.after("imports", 1).map(cursor -> cursor.text(0)).orElse("");
    return Page.of(
            store.page(caller.workspaceId(), after, page.fetchSize()),
            page,
            each -> Cursor.of("imports", each.id()))
        .map(this::answer);
  }

  /** How far an import is. */
  @GetMapping("/{id}")
  @RequiresScope(Scopes.SOURCES_READ)
  ResponseEntity<ImportAnswer> read(Caller caller, @PathVariable String id) {
    return answered(find(caller, id));
  }

  /** Describes an import anew; its file stays, and has to be checked again. */
  @PutMapping("/{id}")
  @RequiresScope(Scopes.SOURCES_WRITE)
  ResponseEntity<ImportAnswer> replace(
      Caller caller,
      @PathVariable String id,
      IfMatch ifMatch,
      @RequestBody ImportDefinition wanted) {
    find(caller, id);
    ImportDefinition definition = checked(caller, wanted);
    return answered(
        change(
            caller,
            id,
            "redefine",
            Set.of(ImportState.OPEN, ImportState.CHECKED, ImportState.FAILED),
            held -> {
              ifMatch.require(held.version());
              store.redefine(held, definition, clock.instant());
            }));
  }

  /**
   * Uploads a part of the file: its bytes as they are, at most 1 MB. Parts may come in any order
   * and again; together, by their numbers, they are the file.
   *
   * @param number from 1 to 4096
   */
  @PutMapping("/{id}/parts/{number}")
  @RequiresScope(Scopes.SOURCES_WRITE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  @io.swagger.v3.oas.annotations.parameters.RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_OCTET_STREAM_VALUE,
              schema = @Schema(type = "string", format = "binary")))
  void upload(
      Caller caller, @PathVariable String id, @PathVariable int number, HttpServletRequest request)
      throws IOException {
    if (number < 1 || number > MAX_PARTS) {
      throw Problem.invalid("number", "out_of_range", "must be from 1 to " + MAX_PARTS);
    }
    byte[] bytes = request.getInputStream().readAllBytes();
    if (bytes.length == 0) {
      throw Problem.badRequest("empty_part", "The request has no bytes; send those of the part.");
    }
    change(
        caller, id, "upload", Set.of(ImportState.OPEN), held -> store.putPart(id, number, bytes));
  }

  /**
   * Reads and judges all rows, and takes none: how many would be accepted, why others not, and what
   * the first ones become. Once it's through, the import can be started.
   */
  @PostMapping("/{id}/check")
  @RequiresScope(Scopes.SOURCES_WRITE)
  @ResponseStatus(HttpStatus.ACCEPTED)
  ImportAnswer check(Caller caller, @PathVariable String id) {
    return answer(
        change(
            caller,
            id,
            "check",
            Set.of(ImportState.OPEN, ImportState.CHECKED, ImportState.FAILED),
            held -> {
              ImportStore.Parts parts = store.parts(id);
              if (parts.count() == 0 || parts.count() < parts.last()) {
                throw Problem.conflict(
                    "parts_missing",
                    parts.count() == 0
                        ? "There is no file yet; upload its parts first."
                        : "Of "
                            + parts.last()
                            + " parts only "
                            + parts.count()
                            + " are there; upload the others first.");
              }
              store.begin(held, ImportState.CHECKING, parts, clock.instant());
            }));
  }

  /**
   * Takes in the rows of a file that was checked. The same file taken in twice changes nothing as
   * long as message ids are remembered, for 30 days; so a file that the source had is refused
   * unless the body says again.
   */
  @PostMapping("/{id}/start")
  @RequiresScope(Scopes.SOURCES_WRITE)
  @ResponseStatus(HttpStatus.ACCEPTED)
  ImportAnswer start(
      Caller caller,
      @PathVariable String id,
      @RequestBody(required = false) @Nullable StartImport wanted) {
    boolean again = wanted != null && Boolean.TRUE.equals(wanted.again());
    return answer(
        change(
            caller,
            id,
            "start",
            Set.of(ImportState.CHECKED),
            held -> {
              Optional<String> same = again ? Optional.empty() : store.sameFile(held);
              if (same.isPresent()) {
                throw Problem.conflict(
                    "imported_before",
                    "The source had the same file, by the import "
                        + same.get()
                        + "; send {\"again\": true} to take it in once more.");
              }
              store.begin(held, ImportState.RUNNING, store.parts(id), clock.instant());
            }));
  }

  /** Ends an import and deletes its file. What it took in stays. */
  @PostMapping("/{id}/cancel")
  @RequiresScope(Scopes.SOURCES_WRITE)
  ImportAnswer cancel(Caller caller, @PathVariable String id) {
    return answer(
        change(
            caller,
            id,
            "cancel",
            EnumSet.complementOf(EnumSet.of(ImportState.DONE, ImportState.CANCELLED)),
            held -> store.cancel(id, clock.instant())));
  }

  /** Deletes an import that nobody works on, with its file and its refused rows. */
  @DeleteMapping("/{id}")
  @RequiresScope(Scopes.SOURCES_WRITE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(Caller caller, @PathVariable String id) {
    change(
        caller,
        id,
        "delete",
        EnumSet.complementOf(EnumSet.of(ImportState.CHECKING, ImportState.RUNNING)),
        held -> store.delete(id));
  }

  /** The first 20 rows of the file, as the check read them, and what each becomes. */
  @GetMapping("/{id}/preview")
  @RequiresScope(Scopes.QUARANTINE_READ)
  ImportPreview preview(Caller caller, @PathVariable String id) {
    FileImport found = find(caller, id);
    return new ImportPreview(found.state(), found.preview() == null ? "[]" : found.preview());
  }

  /**
   * Streams the refused rows, the first 100,000 of them, each with its line, the reasons and the
   * row as it was.
   *
   * @param format ndjson or csv
   */
  @GetMapping(
      value = "/{id}/refusals",
      produces = {"application/x-ndjson", "text/csv", MediaType.APPLICATION_JSON_VALUE})
  @RequiresScope(Scopes.QUARANTINE_READ)
  void refusals(
      Caller caller,
      @PathVariable String id,
      @RequestParam(defaultValue = "ndjson") String format,
      HttpServletResponse response)
      throws IOException {
    boolean csv = format.equals("csv");
    if (!csv && !format.equals("ndjson")) {
      throw Problem.invalid("format", "invalid_value", "must be csv or ndjson");
    }
    find(caller, id);
    List<ImportStore.Refusal> rows = store.refusals(id, 0, REFUSALS_AT_ONCE);
    response.setContentType((csv ? "text/csv" : "application/x-ndjson") + ";charset=UTF-8");
    response.setHeader("Content-Disposition", "attachment; filename=\"refused." + format + "\"");
    PrintWriter out = response.getWriter();
    if (csv) {
      out.append("line,codes,reasons,row\r\n");
    }
    while (!rows.isEmpty() && !out.checkError()) {
      rows.forEach(row -> out.append(csv ? csv(row) : ndjson(row)));
      rows = store.refusals(id, rows.getLast().line(), REFUSALS_AT_ONCE);
    }
    out.flush();
  }

  private static String ndjson(ImportStore.Refusal row) {
    ObjectNode line = Json.MAPPER.createObjectNode().put("line", row.line());
    line.set("reasons", Json.MAPPER.readTree(row.reasons()));
    return line.put("row", row.original()) + "\n";
  }

  private static String csv(ImportStore.Refusal row) {
    JsonNode reasons = Json.MAPPER.readTree(row.reasons());
    return row.line()
        + ","
        + CsvCell.of(joined(reasons, "code"))
        + ","
        + CsvCell.of(
            String.join(
                "; ",
                reasons
                    .valueStream()
                    .map(each ->
                        each.path("path").asString() + " " + each.path("message").asString())
                    .toList()))
        + ","
        + CsvCell.of(row.original())
        + "\r\n";
  }

  private static String joined(JsonNode reasons, String field) {
    return String.join(
        " ", reasons.valueStream().map(each -> each.path(field).asString()).toList());
  }

  private ImportDefinition checked(Caller caller, ImportDefinition wanted) {
    ImportDefinition definition = wanted.checked();
    Optional<String> kind = kinds.find(caller.workspaceId(), String.valueOf(definition.source()));
    if (kind.isEmpty() || Set.of("tributary", "webhook").contains(kind.get())) {
      throw Problem.invalid(
          "source",
          "invalid_value",
          kind.isEmpty()
              ? "must be the id of a source of this workspace"
              : "must be a source of another kind, such as file");
    }
    return definition;
  }

  private FileImport find(Caller caller, String id) {
    return store.find(caller.workspaceId(), id).orElseThrow(() -> unknown(id));
  }

  private FileImport change(
      Caller caller,
      String id,
      String action,
      Set<ImportState> allowed,
      Consumer<FileImport> work) {
    FileImport changed =
        store
            .change(
                caller.workspaceId(),
                id,
                held -> {
                  if (!allowed.contains(held.state())) {
                    throw Problem.conflict(
                        "wrong_state",
                        "The import is "
                            + held.state().wire()
                            + "; this can be done while it's "
                            + String.join(
                                " or ", allowed.stream().sorted().map(ImportState::wire).toList())
                            + ".");
                  }
                  work.accept(held);
                })
            .orElseThrow(() -> unknown(id));
    if (!action.equals("upload")) {
      LOG.info("import={} action={} workspace={}", id, action, caller.workspaceId());
    }
    return changed;
  }

  private static Problem unknown(String id) {
    return Problem.notFound("There is no import " + id + " in this workspace.");
  }

  private ResponseEntity<ImportAnswer> answered(FileImport found) {
    return ResponseEntity.ok().eTag(IfMatch.etag(found.version())).body(answer(found));
  }

  private ImportAnswer answer(FileImport found) {
    Instant started = found.startedAt();
    long millis =
        started == null || !found.state().isAtWork()
            ? 0
            : Duration.between(started, clock.instant()).toMillis();
    boolean going = millis > 0 && found.rowsRead() > 0 && found.bytesRead() > 0;
    long left = Math.max(0, found.bytes() - found.bytesRead());
    return new ImportAnswer(
        found.id(),
        found.state(),
        found.problem(),
        found.wanted(),
        found.parts() == 0
            ? null
            : new ImportedFile(found.parts(), found.bytes(), found.bytesRead()),
        new ImportedRows(found.rowsRead(), found.accepted(), found.refused()),
        going ? found.rowsRead() * 1_000 / millis : null,
        going ? left * millis / found.bytesRead() / 1_000 : null,
        found.createdAt(),
        started,
        found.finishedAt());
  }
}
