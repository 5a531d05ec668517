package io.tributary.ingestion.governance;

import io.tributary.event.Json;
import io.tributary.ingestion.accept.Call;
import io.tributary.ingestion.accept.CollectRequest;
import io.tributary.ingestion.accept.Reading;
import io.tributary.ingestion.accept.Reason;
import io.tributary.ingestion.accept.Receipt;
import io.tributary.ingestion.accept.Source;
import io.tributary.ingestion.accept.Verdict;
import io.tributary.ingestion.plan.Plan;
import io.tributary.ingestion.plan.PlanDocument;
import io.tributary.ingestion.plan.Violation;
import io.tributary.web.Faults;
import io.tributary.web.Problem;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Judges sample events as the collector would, without taking them. */
final class PlanTrial {
  private static final int MAX_EVENTS = 100;

  private final Clock clock;

  PlanTrial(Clock clock) {
    this.clock = clock;
  }

  /**
   * What to try.
   *
   * @param version of the plan; the latest where nothing is said
   * @param draft what to try instead of a version
   * @param events 1 to 100, as they would stand in a batch
   */
  record PlanCheck(
      @Nullable Long version,
      @Nullable PlanDocument draft,
      @Nullable List<@Nullable JsonNode> events) {}

  /** What would become of the events, in their order. */
  record CheckAnswer(List<CheckVerdict> events) {}

  /**
   * What would become of an event.
   *
   * @param outcome accepted or refused
   * @param reasons why it would be refused, by the plan (plan_…) or any other check
   * @param event as it would go to the log; absent where it's refused
   */
  record CheckVerdict(
      String outcome,
      List<CheckViolation> violations,
      List<Reason> reasons,
      @Nullable JsonNode event) {}

  /**
   * How the event breaks the plan.
   *
   * @param kind required, type, enum, range, pattern, additional_property, unplanned_event or other
   * @param found the JSON type of what stands there, or missing
   */
  record CheckViolation(String path, String kind, String found, String message) {
    static CheckViolation from(Violation violation) {
      return new CheckViolation(
          violation.path(), violation.kind().wire(), violation.found(), violation.message());
    }
  }

  /** The request that the events would come in. */
  byte[] batch(PlanCheck trial, Faults faults) {
    faults.check(
        trial.version() == null || trial.draft() == null,
        "draft",
        "not_allowed",
        "can't stand beside version; send one of them");
    return batch(trial.events(), faults);
  }

  /** The same for the events alone. */
  byte[] batch(@Nullable List<@Nullable JsonNode> sent, Faults faults) {
    List<@Nullable JsonNode> events = sent == null ? List.of() : sent;
    faults.check(
        !events.isEmpty() && events.size() <= MAX_EVENTS,
        "events",
        events.isEmpty() ? "required" : "too_many",
        "must be a list of 1 to " + MAX_EVENTS + " events");
    ObjectNode request = Json.MAPPER.createObjectNode();
    ArrayNode batch = request.putArray("batch");
    events.forEach(event -> batch.add(event));
    return Json.MAPPER.writeValueAsBytes(request);
  }

  CheckAnswer judge(String workspaceId, Plan plan, byte[] batch) {
    return judge(new Source(workspaceId, "src_trial", false, plan), batch);
  }

  /** The same for events of this source, with all that is done to them. */
  CheckAnswer judge(Source source, byte[] batch) {
    Receipt receipt = Receipt.at(clock.instant(), null);
    return switch (CollectRequest.read(batch, Call.BATCH)) {
      case Reading.Illegible illegible ->
          throw Problem.badRequest(illegible.code(), illegible.message());
      case Reading.Legible legible ->
          new CheckAnswer(
              legible.request().judge(source, receipt).stream().map(PlanTrial::verdict).toList());
    };
  }

  private static CheckVerdict verdict(Verdict verdict) {
    List<CheckViolation> violations =
        verdict.violations().stream().map(CheckViolation::from).toList();
    return switch (verdict) {
      case Verdict.Accepted accepted ->
          new CheckVerdict(
              "accepted", violations, List.of(), Json.MAPPER.readTree(accepted.draft().encode()));
      case Verdict.Rejected rejected ->
          new CheckVerdict("refused", violations, rejected.reasons(), null);
    };
  }
}
