package io.tributary.ingestion.pull;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import io.swagger.v3.oas.annotations.media.Schema;
import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.event.Ids;
import io.tributary.ingestion.files.Preview;
import io.tributary.ingestion.postgres.PostgresServer;
import io.tributary.web.Cursor;
import io.tributary.web.Faults;
import io.tributary.web.IfMatch;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import io.tributary.web.Problem;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Databases whose rows become events, read again and again. */
@RestController
@RequestMapping("/api/v1/pulls")
class PullEndpoint {
  private static final Logger LOG = LoggerFactory.getLogger(PullEndpoint.class);

  /** At one time, one of each workspace: each waits for somebody else's server. */
  private static final int CHECKS = 8;

  private final PullStore store;
  private final Pulls pulls;
  private final Clock clock;
  private final Semaphore checks = new Semaphore(CHECKS);
  private final Set<String> checking = ConcurrentHashMap.newKeySet();

  PullEndpoint(PullStore store, Pulls pulls, Clock clock) {
    this.store = store;
    this.pulls = pulls;
    this.clock = clock;
  }

  /** Where a pull is between its turns. */
  enum PullState {
    /** Its next turn comes at its time. */
    WAITING,
    /** Somebody works on a turn. */
    RUNNING,
    /** Switched off. */
    PAUSED;

    @JsonValue
    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A pull, and how it stands with it.
   *
   * @param state waiting, running or paused
   * @param position the cursor's value of the last row that was handled; absent before the first
   * @param caughtUp whether all that was there has been read once
   * @param nextAt when the next turn begins, at the earliest
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PullAnswer(
      String id,
      PullState state,
      PullDocument definition,
      @Nullable String position,
      boolean caughtUp,
      @Nullable Instant nextAt,
      @Nullable PullTurn lastTurn,
      PulledRows total,
      Instant createdAt,
      Instant updatedAt) {}

  /**
   * The last turn, or the one at work.
   *
   * @param problem why it failed: address_not_allowed, unknown_host, connection_refused, no_answer,
   *     tls_failed, sql_ and the code of Postgres, cursor_missing, cursor_type, column_twice,
   *     source_off, definition_not_allowed, password_unreadable, no_encryption_key,
   *     rules_unavailable or fault_of_the_server
   * @param reasons why a row could neither become an event nor go to quarantine
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PullTurn(
      Instant startedAt,
      @Nullable Instant finishedAt,
      PulledRows rows,
      @Nullable String problem,
      @JsonRawValue @Schema(types = "array", implementation = Object[].class)
          @Nullable String reasons) {}

  /**
   * Counts of rows that are new.
   *
   * @param accepted that became events
   * @param refused that didn't; see the quarantine
   */
  record PulledRows(long accepted, long refused) {}

  /**
   * The next rows, of which none is taken.
   *
   * @param rows each with line, outcome (accepted or refused), reasons, and the call that it
   *     becomes
   */
  record PullPreview(
      @JsonRawValue @Schema(types = "array", implementation = Object[].class) String rows) {}

  /**
   * How the next turn begins.
   *
   * @param fromBeginning whether all rows are read again, not only those behind the last one
   */
  record RunPull(@Nullable Boolean fromBeginning) {}

  /** Describes a pull; its first turn begins within a second, unless it isn't enabled. */
  @PostMapping
  @RequiresScope(Scopes.SOURCES_WRITE)
  ResponseEntity<PullAnswer> create(Caller caller, @RequestBody PullDocument written) {
    PullDefinition definition = PullDefinition.readNew(written, pulls.targets());
    requireSource(caller, definition);
    String id = Ids.create("pul");
    Pull made =
        store
            .create(
                id,
                caller.workspaceId(),
                written,
                definition,
                pulls.sealed(id, String.valueOf(written.password())),
                clock.instant())
            .orElseThrow(() ->
                Problem.conflict(
                    "too_many_pulls",
                    "This workspace has " + PullStore.MAX_PULLS + " pulls; delete one first."));
    LOG.info("pull={} action=create workspace={}", id, caller.workspaceId());
    return ResponseEntity.created(URI.create("/api/v1/pulls/" + id))
        .eTag(IfMatch.etag(made.version()))
        .body(answer(made));
  }

  /** All pulls, the oldest first. */
  @GetMapping
  @RequiresScope(Scopes.SOURCES_READ)
  Page<PullAnswer> list(Caller caller, PageQuery page) {
    String after = page.after("pulls", 1).map(cursor -> cursor.text(0)).orElse("");
    return Page.of(
            store.page(caller.workspaceId(), after, page.fetchSize()),
            page,
            found -> Cursor.of("pulls", found.id()))
        .map(PullEndpoint::answer);
  }

  /** A pull, its version in the ETag. */
  @GetMapping("/{id}")
  @RequiresScope(Scopes.SOURCES_READ)
  ResponseEntity<PullAnswer> read(Caller caller, @PathVariable String id) {
    return answered(find(caller, id));
  }

  /**
   * Puts another definition in its place. It goes on where it is, unless it reads another database
   * or has another cursor: then it begins at the beginning.
   */
  @PutMapping("/{id}")
  @RequiresScope(Scopes.SOURCES_WRITE)
  ResponseEntity<PullAnswer> put(
      Caller caller, @PathVariable String id, IfMatch ifMatch, @RequestBody PullDocument written) {
    find(caller, id);
    PullDefinition definition = PullDefinition.read(written, pulls.targets());
    requireSource(caller, definition);
    Pull changed =
        store
            .redefine(
                caller.workspaceId(),
                id,
                definition.name(),
                held -> {
                  ifMatch.require(held.version());
                  return change(held, written, definition);
                },
                clock.instant())
            .orElseThrow(() -> unknown(id));
    LOG.info("pull={} action=change workspace={}", id, caller.workspaceId());
    return answered(changed);
  }

  private PullStore.Change change(Pull held, PullDocument written, PullDefinition definition) {
    PullDocument before = held.document();
    Faults faults = new Faults();
    if (written.password() == null) {
      faults.check(
          knownTo(before).equals(Optional.of(definition.server())),
          "postgres.password",
          "required",
          "must be given again where it goes to somebody else than before");
    } else {
      PullDefinition.checkPassword(written, faults);
    }
    faults.throwIfAny();
    return new PullStore.Change(
        written,
        definition,
        written.password() == null ? null : pulls.sealed(held.id(), written.password()),
        written.beginsAnew(before));
  }

  /** Who was told the password; nobody where that isn't allowed any more. */
  private Optional<PostgresServer> knownTo(PullDocument before) {
    try {
      return Optional.of(PullDefinition.read(before, pulls.targets()).server());
    } catch (Problem e) {
      return Optional.empty();
    }
  }

  /** Deletes a pull; what it took in stays. */
  @DeleteMapping("/{id}")
  @RequiresScope(Scopes.SOURCES_WRITE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(Caller caller, @PathVariable String id) {
    if (!store.delete(caller.workspaceId(), id)) {
      throw unknown(id);
    }
    LOG.info("pull={} action=delete workspace={}", id, caller.workspaceId());
  }

  /** Reads the rows behind the last one and says what would become of them; takes none. */
  @PostMapping("/{id}/check")
  @RequiresScope(Scopes.SOURCES_WRITE)
  PullPreview check(Caller caller, @PathVariable String id) {
    Pull pull = find(caller, id);
    if (!checking.add(pull.workspaceId())) {
      throw busy();
    }
    try {
      if (!checks.tryAcquire()) {
        throw busy();
      }
      try {
        return checked(pull);
      } finally {
        checks.release();
      }
    } finally {
      checking.remove(pull.workspaceId());
    }
  }

  private static Problem busy() {
    return Problem.conflict(
        "busy", "Another pull is being checked; send the request again shortly.");
  }

  private PullPreview checked(Pull pull) {
    try {
      Pulls.Access access = pulls.access(pull);
      Pulls.Page page = pulls.page(pull, access, Start.behind(pull), Preview.ROWS);
      return new PullPreview(Preview.of(page.judged(), page.withholds()));
    } catch (UnreadableException e) {
      throw unreadable(e.reason());
    }
  }

  private static Problem unreadable(String reason) {
    return Problem.conflict(reason, "The database can't be read: " + reason + ".");
  }

  /** Has the next turn begin within a second. */
  @PostMapping("/{id}/run")
  @RequiresScope(Scopes.SOURCES_WRITE)
  @ResponseStatus(HttpStatus.ACCEPTED)
  PullAnswer run(
      Caller caller,
      @PathVariable String id,
      @RequestBody(required = false) @Nullable RunPull wanted) {
    find(caller, id);
    boolean anew = wanted != null && Boolean.TRUE.equals(wanted.fromBeginning());
    if (!store.hurry(caller.workspaceId(), id, anew, clock.instant())) {
      throw Problem.conflict("wrong_state", "The pull is paused; enable it first.");
    }
    return answer(find(caller, id));
  }

  private void requireSource(Caller caller, PullDefinition definition) {
    if (!pulls.kind(caller.workspaceId(), definition.source()).equals(Optional.of(Pulls.KIND))) {
      throw Problem.invalid(
          "source", "invalid_value", "must be a source of this workspace, of the kind database");
    }
  }

  private Pull find(Caller caller, String id) {
    return store.find(caller.workspaceId(), id).orElseThrow(() -> unknown(id));
  }

  private static Problem unknown(String id) {
    return Problem.notFound("There is no pull " + id + " in this workspace.");
  }

  private static ResponseEntity<PullAnswer> answered(Pull found) {
    return ResponseEntity.ok().eTag(IfMatch.etag(found.version())).body(answer(found));
  }

  private static PullAnswer answer(Pull found) {
    Pull.Turn last = found.last();
    Instant started = last.startedAt();
    return new PullAnswer(
        found.id(),
        found.running()
            ? PullState.RUNNING
            : found.enabled() ? PullState.WAITING : PullState.PAUSED,
        found.document(),
        found.position(),
        found.caughtUp(),
        found.enabled() ? found.nextAt() : null,
        started == null
            ? null
            : new PullTurn(
                started,
                last.finishedAt(),
                new PulledRows(last.accepted(), last.refused()),
                last.problem(),
                last.reasons()),
        new PulledRows(found.accepted(), found.refused()),
        found.createdAt(),
        found.updatedAt());
  }
}
