package io.tributary.ingestion.governance;

import io.swagger.v3.oas.annotations.media.Schema;
import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.ingestion.accept.Source;
import io.tributary.ingestion.admin.Changes;
import io.tributary.ingestion.transform.Transformation;
import io.tributary.ingestion.transform.TransformationDocument;
import io.tributary.ingestion.transform.TransformationReader;
import io.tributary.web.Faults;
import io.tributary.web.IfMatch;
import io.tributary.web.Problem;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** What is done to the events of a source before they are checked and stored. */
@RestController
@RequestMapping("/api/v1/sources/{id}/transformation")
class TransformationEndpoint {
  private static final Logger LOG = LoggerFactory.getLogger(TransformationEndpoint.class);

  private final TransformationStore store;
  private final SourceKinds kinds;
  private final CurrentTransformations current;
  private final SourceRules rules;
  private final TransformationMeans means;
  private final PlanTrial trial;
  private final Changes changes;
  private final Clock clock;

  TransformationEndpoint(
      TransformationStore store,
      SourceKinds kinds,
      CurrentTransformations current,
      SourceRules rules,
      TransformationMeans means,
      Changes changes,
      Clock clock) {
    this.store = store;
    this.kinds = kinds;
    this.current = current;
    this.rules = rules;
    this.means = means;
    this.trial = new PlanTrial(clock);
    this.changes = changes;
    this.clock = clock;
  }

  /**
   * A source's transformation.
   *
   * @param version counts its changes from 1; 0 where there has been none
   * @param steps done to each event, in their order; none where nothing is done
   * @param changedAt absent where there has been none
   */
  record TransformationAnswer(
      String sourceId,
      long version,
      @Nullable List<TransformationDocument.@Nullable TransformationStep> steps,
      @Nullable Instant changedAt) {
    static TransformationAnswer of(String sourceId, TransformationStore.Stored stored) {
      return new TransformationAnswer(
          sourceId,
          stored.version(),
          stored.document().steps(),
          stored.version() == 0 ? null : stored.createdAt());
    }
  }

  /**
   * What to try.
   *
   * @param steps to try instead of those that count
   * @param events 1 to 100, as they would stand in a batch
   */
  record TransformationCheck(
      @Nullable List<TransformationDocument.@Nullable TransformationStep> steps,
      @Nullable @Schema(implementation = Object[].class) List<@Nullable JsonNode> events) {}

  /** The steps that count, with their version. */
  @GetMapping
  @RequiresScope(Scopes.SOURCES_READ)
  ResponseEntity<TransformationAnswer> read(Caller caller, @PathVariable String id) {
    kinds.require(caller.workspaceId(), id);
    return answer(id, store.latest(caller.workspaceId(), id));
  }

  /** The steps as they were in a version, to which events refer. */
  @GetMapping("/versions/{version}")
  @RequiresScope(Scopes.SOURCES_READ)
  TransformationAnswer version(Caller caller, @PathVariable String id, @PathVariable long version) {
    kinds.require(caller.workspaceId(), id);
    return store
        .version(caller.workspaceId(), id, version)
        .map(found -> TransformationAnswer.of(id, found))
        .orElseThrow(() ->
            Problem.notFound(
                "There is no version " + version + " of the transformation of " + id + "."));
  }

  /** Replaces the steps, within seconds; a list without any ends the transformation. */
  @PutMapping
  @RequiresScope(Scopes.SOURCES_WRITE)
  ResponseEntity<TransformationAnswer> replace(
      Caller caller,
      @PathVariable String id,
      IfMatch ifMatch,
      @RequestBody TransformationDocument wanted) {
    kinds.require(caller.workspaceId(), id);
    Faults faults = new Faults();
    faults.check(
        wanted.steps() != null, "steps", "required", "is missing; send [] to have nothing done");
    new TransformationReader(faults, means.of(caller.workspaceId())).read(1, wanted);
    faults.throwIfAny();
    TransformationStore.Stored made =
        changes.run(() -> {
          if (kinds.hold(caller.workspaceId(), id).equals("tributary")) {
            throw Problem.conflict(
                "internal_source",
                "This source carries what recipients do with messages; nothing is done to it.");
          }
          TransformationStore.Stored before = store.latest(caller.workspaceId(), id);
          ifMatch.require(before.version());
          TransformationStore.Stored next =
              new TransformationStore.Stored(
                  before.version() + 1, wanted, clock.instant().truncatedTo(ChronoUnit.MICROS));
          store.add(caller.workspaceId(), id, next);
          return next;
        });
    current.refresh();
    LOG.info(
        "transformation action=change workspace={} source={} version={}",
        caller.workspaceId(),
        id,
        made.version());
    return answer(id, made);
  }

  /**
   * Tries the steps, or others, on sample events, with the source's plan behind them; stores
   * nothing.
   */
  @PostMapping("/check")
  @RequiresScope(Scopes.SOURCES_READ)
  PlanTrial.CheckAnswer check(
      Caller caller, @PathVariable String id, @RequestBody TransformationCheck wanted) {
    kinds.require(caller.workspaceId(), id);
    Faults faults = new Faults();
    byte[] batch = trial.batch(wanted.events(), faults);
    TransformationStore.Stored latest = store.latest(caller.workspaceId(), id);
    boolean draft = wanted.steps() != null;
    Optional<Transformation> transformation =
        new TransformationReader(faults, means.forTrial())
            .read(
                draft ? 0 : latest.version(),
                draft ? new TransformationDocument(wanted.steps()) : latest.document());
    faults.throwIfAny();
    Source source = rules.planned(caller.workspaceId(), id);
    return trial.judge(source.transformedBy(transformation.orElse(null)), batch);
  }

  private static ResponseEntity<TransformationAnswer> answer(
      String id, TransformationStore.Stored stored) {
    return ResponseEntity.ok()
        .eTag(IfMatch.etag(stored.version()))
        .body(TransformationAnswer.of(id, stored));
  }
}
