package io.tributary.ingestion.governance;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.swagger.v3.oas.annotations.media.Schema;
import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.ingestion.plan.Compiled;
import io.tributary.ingestion.plan.Learner;
import io.tributary.ingestion.plan.Plan;
import io.tributary.ingestion.plan.PlanCompiler;
import io.tributary.ingestion.plan.PlanDocument;
import io.tributary.web.Cursor;
import io.tributary.web.Faults;
import io.tributary.web.IfMatch;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
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

/** Tracking plans: what events should look like, and what was found of those that don't. */
@RestController
@RequestMapping("/api/v1/tracking-plans")
class TrackingPlanEndpoint {
  private static final int MAX_NAME = 100;
  private static final String VIOLATIONS = "violations";

  private final TrackingPlanAdmin admin;
  private final PlanTrial trial;
  private final Traffic traffic;

  TrackingPlanEndpoint(TrackingPlanAdmin admin, PlanTrial trial, Traffic traffic) {
    this.admin = admin;
    this.trial = trial;
    this.traffic = traffic;
  }

  /**
   * A plan as people make it.
   *
   * @param events what the plan knows, 1 to 200
   * @param unplannedEvents what becomes of tracked events that it doesn't know: allow (where
   *     nothing is said) or quarantine
   */
  record NewPlan(
      @Nullable String name,
      @Nullable List<PlanDocument.@Nullable PlannedEvent> events,
      @Nullable String unplannedEvents) {
    PlanDocument document() {
      return new PlanDocument(events, unplannedEvents);
    }

    TrackingPlanAdmin.Wanted checked() {
      Faults faults = new Faults();
      String text = faults.text(name, "name", MAX_NAME);
      compiled("", 1, document(), faults, "");
      faults.throwIfAny();
      return new TrackingPlanAdmin.Wanted(text, document());
    }
  }

  /**
   * Whose events to learn from.
   *
   * @param source its id, src_…
   * @param name of the plan that is drawn up
   */
  record Learning(@Nullable String source, @Nullable String name) {}

  /**
   * A plan drawn up from events, to be made as it is or changed before.
   *
   * @param examined how many events of the source it was drawn up from
   * @param from when the earliest of them was received
   * @param to when the latest was
   * @param plan what all of them keep to; its body makes a plan
   * @param fields what was seen of each field
   */
  record LearnedAnswer(
      int examined,
      @Nullable Instant from,
      @Nullable Instant to,
      NewPlan plan,
      List<Learner.Field> fields) {}

  /** A plan in a list. */
  record PlanSummary(String id, String name, long version, Instant createdAt, Instant updatedAt) {
    static PlanSummary from(TrackingPlan plan) {
      return new PlanSummary(
          plan.getId(), plan.name(), plan.version(), plan.createdAt(), plan.updatedAt());
    }
  }

  /**
   * A plan with its latest version.
   *
   * @param version counts the documents it has had, from 1
   * @param sources whose events are checked by it
   */
  record PlanAnswer(
      String id,
      String name,
      long version,
      List<String> sources,
      @Nullable List<PlanDocument.@Nullable PlannedEvent> events,
      @Nullable String unplannedEvents,
      Instant createdAt,
      Instant updatedAt) {
    static PlanAnswer from(TrackingPlanAdmin.WithSources found) {
      TrackingPlan plan = found.plan();
      PlanDocument document = plan.document();
      return new PlanAnswer(
          plan.getId(),
          plan.name(),
          plan.version(),
          found.sources(),
          document.events(),
          document.unplannedEvents(),
          plan.createdAt(),
          plan.updatedAt());
    }
  }

  /** A version of a plan, as it was. */
  record VersionAnswer(
      String planId,
      long version,
      @Nullable List<PlanDocument.@Nullable PlannedEvent> events,
      @Nullable String unplannedEvents,
      Instant createdAt) {}

  /**
   * How events break a plan.
   *
   * @param event the tracked event's name; for another call its type
   * @param field where, with [] for every item of a list
   * @param kind required, type, enum, range, pattern, additional_property, unplanned_event or other
   * @param version the latest version of the plan that found it
   * @param samples the latest three events, each as messageId and found: the JSON type of what
   *     stood there, or missing
   */
  record ViolationAnswer(
      String event,
      String field,
      String kind,
      long version,
      long count,
      Instant firstSeen,
      Instant lastSeen,
      @JsonRawValue @Schema(types = "array", implementation = Object[].class) String samples) {
    static ViolationAnswer from(ViolationStore.Row row) {
      return new ViolationAnswer(
          row.event(),
          row.field(),
          row.kind(),
          row.version(),
          row.count(),
          row.firstSeen(),
          row.lastSeen(),
          row.samples());
    }
  }

  /** Makes a plan. It checks nothing until a source is attached to it. */
  @PostMapping
  @RequiresScope(Scopes.SOURCES_WRITE)
  ResponseEntity<PlanAnswer> create(Caller caller, @RequestBody NewPlan wanted) {
    TrackingPlanAdmin.WithSources made = admin.create(caller.workspaceId(), wanted.checked());
    return ResponseEntity.created(URI.create("/api/v1/tracking-plans/" + made.plan().getId()))
        .eTag(IfMatch.etag(made.plan().rowVersion()))
        .body(PlanAnswer.from(made));
  }

  /** All plans, the oldest first. */
  @GetMapping
  @RequiresScope(Scopes.SOURCES_READ)
  Page<PlanSummary> list(Caller caller, PageQuery page) {
    String after = page.after("tracking-plans", 1).map(cursor -> cursor.text(0)).orElse("");
    return Page.of(
            admin.list(caller.workspaceId(), after, page.fetchSize()),
            page,
            plan -> Cursor.of("tracking-plans", plan.getId()))
        .map(PlanSummary::from);
  }

  /** A plan with its latest version and its sources. */
  @GetMapping("/{id}")
  @RequiresScope(Scopes.SOURCES_READ)
  ResponseEntity<PlanAnswer> read(Caller caller, @PathVariable String id) {
    return answer(admin.read(caller.workspaceId(), id));
  }

  /** A version of a plan, also one that is no longer the latest. */
  @GetMapping("/{id}/versions/{version}")
  @RequiresScope(Scopes.SOURCES_READ)
  VersionAnswer version(Caller caller, @PathVariable String id, @PathVariable long version) {
    PlanStore.Version found = admin.version(caller.workspaceId(), id, version);
    return new VersionAnswer(
        id,
        found.version(),
        found.document().events(),
        found.document().unplannedEvents(),
        found.createdAt());
  }

  /** Replaces a plan. Other events make a new version, which counts within seconds. */
  @PutMapping("/{id}")
  @RequiresScope(Scopes.SOURCES_WRITE)
  ResponseEntity<PlanAnswer> replace(
      Caller caller, @PathVariable String id, IfMatch ifMatch, @RequestBody NewPlan wanted) {
    return answer(admin.change(caller.workspaceId(), id, ifMatch, wanted.checked()));
  }

  /** Deletes a plan that no source is attached to. */
  @DeleteMapping("/{id}")
  @RequiresScope(Scopes.SOURCES_WRITE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(Caller caller, @PathVariable String id, IfMatch ifMatch) {
    admin.delete(caller.workspaceId(), id, ifMatch);
  }

  /**
   * Has a source's events checked by this plan, instead of the one before; within seconds.
   *
   * @param sourceId the source's id, src_…
   */
  @PutMapping("/{id}/sources/{sourceId}")
  @RequiresScope(Scopes.SOURCES_WRITE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void attach(Caller caller, @PathVariable String id, @PathVariable String sourceId) {
    admin.attach(caller.workspaceId(), id, sourceId);
  }

  /**
   * Has a source's events no longer checked by this plan.
   *
   * @param sourceId the source's id, src_…
   */
  @DeleteMapping("/{id}/sources/{sourceId}")
  @RequiresScope(Scopes.SOURCES_WRITE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void detach(Caller caller, @PathVariable String id, @PathVariable String sourceId) {
    admin.detach(caller.workspaceId(), id, sourceId);
  }

  /**
   * Draws up a plan from the latest events of a source, among the last 100,000 of all sources;
   * stores nothing.
   */
  @PostMapping("/learn")
  @RequiresScope(Scopes.SOURCES_READ)
  LearnedAnswer learn(Caller caller, @RequestBody Learning wanted) {
    Faults faults = new Faults();
    String source = faults.text(wanted.source, "source", MAX_NAME);
    String name = wanted.name == null ? "" : faults.text(wanted.name, "name", MAX_NAME);
    faults.throwIfAny();
    Traffic.Lesson lesson = traffic.learn(caller.workspaceId(), source);
    PlanDocument draft = lesson.draft().plan();
    return new LearnedAnswer(
        lesson.events(),
        lesson.from(),
        lesson.to(),
        new NewPlan(
            name.isEmpty() ? "Learned from " + source : name,
            draft.events(),
            draft.unplannedEvents()),
        lesson.draft().fields());
  }

  /** How events broke the plan, by event, field and kind: the thousand that were seen last. */
  @GetMapping("/{id}/violations")
  @RequiresScope(Scopes.SOURCES_READ)
  Page<ViolationAnswer> violations(Caller caller, @PathVariable String id, PageQuery page) {
    ViolationStore.Place after =
        page.after(VIOLATIONS, 3)
            .map(cursor -> new ViolationStore.Place(cursor.text(0), cursor.text(1), cursor.text(2)))
            .orElse(ViolationStore.Place.START);
    return Page.of(
            admin.violations(caller.workspaceId(), id, after, page.fetchSize()),
            page,
            row -> Cursor.of(VIOLATIONS, row.event(), row.field(), row.kind()))
        .map(ViolationAnswer::from);
  }

  /** Tries the plan, a version of it, or a draft on sample events; stores nothing. */
  @PostMapping("/{id}/check")
  @RequiresScope(Scopes.SOURCES_READ)
  PlanTrial.CheckAnswer check(
      Caller caller, @PathVariable String id, @RequestBody PlanTrial.PlanCheck wanted) {
    TrackingPlanAdmin.WithSources found = admin.read(caller.workspaceId(), id);
    Faults faults = new Faults();
    byte[] batch = trial.batch(wanted, faults);
    faults.throwIfAny();
    Plan plan = plan(caller, found.plan(), wanted, faults);
    faults.throwIfAny();
    return trial.judge(caller.workspaceId(), plan, batch);
  }

  private Plan plan(Caller caller, TrackingPlan plan, PlanTrial.PlanCheck wanted, Faults faults) {
    if (wanted.draft() != null) {
      return compiled(plan.getId(), 0, wanted.draft(), faults, "draft.");
    }
    long version = wanted.version() == null ? plan.version() : wanted.version();
    PlanStore.Version found = admin.version(caller.workspaceId(), plan.getId(), version);
    return compiled(plan.getId(), version, found.document(), faults, "");
  }

  /** The plan that a document says; where it's faulty, none that may be used. */
  @SuppressWarnings("NullAway") // as Faults says, what is answered beside faults isn't used
  private static Plan compiled(
      String id, long version, PlanDocument document, Faults faults, String prefix) {
    return switch (PlanCompiler.compile(id, version, document)) {
      case Compiled.Valid valid -> valid.plan();
      case Compiled.Invalid invalid -> {
        invalid
            .faults()
            .forEach(fault -> faults.add(prefix + fault.path(), fault.code(), fault.message()));
        yield null;
      }
    };
  }

  private static ResponseEntity<PlanAnswer> answer(TrackingPlanAdmin.WithSources found) {
    return ResponseEntity.ok()
        .eTag(IfMatch.etag(found.plan().rowVersion()))
        .body(PlanAnswer.from(found));
  }
}
