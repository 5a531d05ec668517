package io.tributary.ingestion.governance;

import io.tributary.ingestion.plan.Compiled;
import io.tributary.ingestion.plan.Plan;
import io.tributary.ingestion.plan.PlanCompiler;
import io.tributary.ingestion.plan.PlanDocument;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * By which plan each source is checked, as of at most a second or so ago. A version is compiled
 * once. While Postgres is away the last snapshot serves on: collection needs Kafka only.
 */
public final class CurrentPlans extends Snapshot {
  private static final Logger LOG = LoggerFactory.getLogger(CurrentPlans.class);

  private final PlanStore store;
  private volatile Map<String, Plan> bySource = Map.of();
  private Map<PlanStore.Current, Plan> compiled = Map.of();

  CurrentPlans(PlanStore store) {
    super("tracking-plan", "ingestion-plans");
    this.store = store;
  }

  /** The plan that events of this source are checked by; null for none. */
  public @Nullable Plan of(String sourceId) {
    return bySource.get(sourceId);
  }

  @Override
  void read() {
    Map<String, PlanStore.Current> current = store.current();
    Map<PlanStore.Current, Plan> plans = new HashMap<>(compiled);
    Set<PlanStore.Current> wanted = new HashSet<>(current.values());
    Set<PlanStore.Current> missing = new HashSet<>(wanted);
    missing.removeAll(plans.keySet());
    if (!missing.isEmpty()) {
      store.documents(missing).forEach((key, document) -> compile(key, document, plans));
    }
    plans.keySet().retainAll(wanted);
    Map<String, Plan> next = new HashMap<>();
    current.forEach((source, key) -> {
      // One that another version of the product has made, and this one can't read: as before.
      Plan plan = plans.getOrDefault(key, bySource.get(source));
      if (plan != null) {
        next.put(source, plan);
      }
    });
    compiled = plans;
    bySource = Map.copyOf(next);
  }

  private static void compile(
      PlanStore.Current key, PlanDocument document, Map<PlanStore.Current, Plan> plans) {
    switch (PlanCompiler.compile(key.planId(), key.version(), document)) {
      case Compiled.Valid valid -> plans.put(key, valid.plan());
      case Compiled.Invalid invalid ->
          LOG.warn(
              "tracking-plan plan={} version={} outcome=unreadable faults={}",
              key.planId(),
              key.version(),
              invalid.faults().size());
    }
  }
}
