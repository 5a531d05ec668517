package io.tributary.ingestion.governance;

import io.tributary.event.Ids;
import io.tributary.ingestion.admin.Changes;
import io.tributary.ingestion.plan.PlanDocument;
import io.tributary.web.IfMatch;
import io.tributary.web.Problem;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.domain.Limit;
import org.springframework.transaction.support.TransactionTemplate;

/** Changes tracking plans, one transaction each, and tells the collector. */
final class TrackingPlanAdmin {
  private static final Logger LOG = LoggerFactory.getLogger(TrackingPlanAdmin.class);

  /** Plans of one workspace: those in use are held in memory, compiled. */
  static final int MAX_PLANS = 100;

  private final TrackingPlans plans;
  private final PlanStore store;
  private final ViolationStore violations;
  private final SourceKinds kinds;
  private final CurrentPlans current;
  private final Changes changes;
  private final Clock clock;

  /** A plan as somebody wants it, checked. */
  record Wanted(String name, PlanDocument document) {}

  /** A plan with the ids of the sources that are checked by it. */
  record WithSources(TrackingPlan plan, List<String> sources) {}

  TrackingPlanAdmin(
      TrackingPlans plans,
      PlanStore store,
      ViolationStore violations,
      SourceKinds kinds,
      CurrentPlans current,
      TransactionTemplate transaction,
      Clock clock) {
    this.plans = plans;
    this.store = store;
    this.violations = violations;
    this.kinds = kinds;
    this.current = current;
    this.changes = new Changes(transaction, "tracking plan", "tracking_plan_name");
    this.clock = clock;
  }

  WithSources create(String workspaceId, Wanted wanted) {
    WithSources made =
        changes.named(
            wanted.name(),
            () -> {
              if (plans.count(workspaceId) >= MAX_PLANS) {
                throw Problem.conflict(
                    "too_many_plans",
                    "A workspace has at most " + MAX_PLANS + " plans; delete one first.");
              }
              TrackingPlan plan =
                  plans.saveAndFlush(
                      new TrackingPlan(
                          Ids.create("pln"), workspaceId, wanted.name(), wanted.document(), now()));
              store.keepVersion(workspaceId, plan.getId());
              return new WithSources(plan, List.of());
            });
    changed("create", workspaceId, made.plan().getId());
    return made;
  }

  List<TrackingPlan> list(String workspaceId, String after, int limit) {
    return changes.run(() -> plans.page(workspaceId, after, Limit.of(limit)));
  }

  WithSources read(String workspaceId, String id) {
    return changes.run(() -> withSources(workspaceId, find(workspaceId, id)));
  }

  /** Replaces name and document; another document makes a new version. */
  WithSources change(String workspaceId, String id, IfMatch ifMatch, Wanted wanted) {
    WithSources made =
        changes.named(
            wanted.name(),
            () -> {
              TrackingPlan plan = find(workspaceId, id);
              ifMatch.require(plan.rowVersion());
              plan.rename(wanted.name(), now());
              boolean other = !plan.document().equals(wanted.document());
              if (other) {
                plan.redefine(wanted.document());
              }
              TrackingPlan saved = plans.saveAndFlush(plan);
              if (other) {
                store.keepVersion(workspaceId, id);
              }
              return withSources(workspaceId, saved);
            });
    changed("change", workspaceId, id);
    return made;
  }

  PlanStore.Version version(String workspaceId, String id, long version) {
    Optional<PlanStore.Version> found = store.version(workspaceId, id, version);
    return found.orElseThrow(
        () -> Problem.notFound("There is no version " + version + " of a plan " + id + " here."));
  }

  /** Deletes a plan that no source is checked by, with what was reported. */
  void delete(String workspaceId, String id, IfMatch ifMatch) {
    changes.run(() -> {
      TrackingPlan plan = plans.findForUpdate(workspaceId, id).orElseThrow(() -> unknown(id));
      ifMatch.require(plan.rowVersion());
      List<String> sources = store.sources(workspaceId, id);
      if (!sources.isEmpty()) {
        throw Problem.conflict(
            "plan_in_use",
            "Sources are checked by this plan: "
                + String.join(", ", sources)
                + ". Detach them first.");
      }
      plan.delete(now());
      violations.delete(workspaceId, id);
      return plans.saveAndFlush(plan);
    });
    changed("delete", workspaceId, id);
  }

  void attach(String workspaceId, String id, String sourceId) {
    changes.run(() -> {
      if (!store.hold(workspaceId, id)) {
        throw unknown(id);
      }
      if (kinds.require(workspaceId, sourceId).equals("tributary")) {
        throw Problem.conflict(
            "internal_source",
            "This source carries what recipients do with messages; no plan is for it.");
      }
      store.attach(workspaceId, id, sourceId, now());
      return true;
    });
    changed("attach", workspaceId, id);
  }

  void detach(String workspaceId, String id, String sourceId) {
    changes.run(() -> {
      find(workspaceId, id);
      kinds.require(workspaceId, sourceId);
      if (!store.detach(workspaceId, id, sourceId)) {
        throw Problem.notFound("The source " + sourceId + " isn't checked by this plan.");
      }
      return true;
    });
    changed("detach", workspaceId, id);
  }

  List<ViolationStore.Row> violations(
      String workspaceId, String id, ViolationStore.Place after, int limit) {
    return changes.run(() -> {
      find(workspaceId, id);
      return violations.page(workspaceId, id, after, limit);
    });
  }

  private WithSources withSources(String workspaceId, TrackingPlan plan) {
    return new WithSources(plan, store.sources(workspaceId, plan.getId()));
  }

  private TrackingPlan find(String workspaceId, String id) {
    return plans.find(workspaceId, id).orElseThrow(() -> unknown(id));
  }

  private static Problem unknown(String id) {
    return Problem.notFound("There is no tracking plan " + id + " in this workspace.");
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  private void changed(String action, String workspaceId, String id) {
    current.refresh();
    LOG.info("tracking-plan action={} workspace={} plan={}", action, workspaceId, id);
  }
}
