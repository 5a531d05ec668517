package io.tributary.ingestion.plan;

import io.tributary.event.EventType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Makes a plan of a document, or says all that is wrong with it. */
public final class PlanCompiler {
  /** Events of one plan. */
  static final int MAX_EVENTS = 200;

  /** Characters of all schemas of one plan, as JSON. */
  static final int MAX_SCHEMAS = 256 * 1024;

  /** Characters of an event's name; longer ones are refused by the collector anyway. */
  static final int MAX_NAME = 512;

  /** What is kept of a document's faults. */
  private static final int MAX_FAULTS = 100;

  private static final Set<EventType> TYPES =
      Set.of(EventType.IDENTIFY, EventType.PAGE, EventType.SCREEN, EventType.GROUP);

  private final List<Fault> faults = new ArrayList<>();
  private final Map<String, Plan.Rule> events = new HashMap<>();
  private final Map<EventType, Plan.Rule> calls = new EnumMap<>(EventType.class);
  private int schemas;

  private PlanCompiler() {}

  /**
   * Compiles a document.
   *
   * @param id of the plan
   * @param version of the plan, from 1
   */
  public static Compiled compile(String id, long version, PlanDocument document) {
    PlanCompiler compiler = new PlanCompiler();
    OnViolation unplanned = compiler.read(document);
    return compiler.faults.isEmpty()
        ? new Compiled.Valid(new Plan(id, version, compiler.events, compiler.calls, unplanned))
        : new Compiled.Invalid(
            compiler.faults.subList(0, Math.min(MAX_FAULTS, compiler.faults.size())));
  }

  private OnViolation read(PlanDocument document) {
    List<PlanDocument.@Nullable PlannedEvent> planned =
        document.events() == null ? List.of() : document.events();
    if (planned.isEmpty() || planned.size() > MAX_EVENTS) {
      add("events", "required", "must list 1 to " + MAX_EVENTS + " events");
    }
    for (int i = 0; i < Math.min(planned.size(), MAX_EVENTS); i++) {
      PlanDocument.PlannedEvent event = planned.get(i);
      if (event == null) {
        add("events[" + i + "]", "required", "must be an object");
      } else {
        read(event, "events[" + i + "]");
      }
    }
    if (schemas > MAX_SCHEMAS) {
      add(
          "events",
          "too_long",
          "have schemas of more than " + MAX_SCHEMAS + " characters together, as JSON");
    }
    OnViolation unplanned = action(document.unplannedEvents(), "unplannedEvents");
    if (unplanned == OnViolation.OMIT) {
      add("unplannedEvents", "invalid_value", "must be allow or quarantine");
    }
    return unplanned;
  }

  private void read(PlanDocument.PlannedEvent event, String path) {
    OnViolation action = action(event.onViolation(), path + ".onViolation");
    JsonNode schema = event.schema() == null || event.schema().isNull() ? null : event.schema();
    List<Fault> wrong = schema == null ? List.of() : SchemaRules.faults(schema, path + ".schema");
    faults.addAll(wrong);
    schemas += schema == null ? 0 : schema.toString().length();
    // Made only of what is good: a compiler of schemas isn't there to find out what isn't.
    Plan.Rule rule =
        new Plan.Rule(schema == null || !faults.isEmpty() ? null : Schemas.compile(schema), action);
    if ((event.event() == null) == (event.type() == null)) {
      add(path, "required", "must say either event, a tracked event's name, or type");
    } else if (event.event() != null) {
      named(event.event(), path + ".event", rule);
    } else {
      EventType type = EventType.tryParse(String.valueOf(event.type())).orElse(null);
      if (type == null || !TYPES.contains(type)) {
        add(path + ".type", "invalid_value", "must be identify, page, screen or group");
      } else if (calls.put(type, rule) != null) {
        add(path + ".type", "duplicate", "is planned twice");
      }
    }
  }

  private void named(String name, String path, Plan.Rule rule) {
    if (name.isBlank() || name.length() > MAX_NAME) {
      add(path, "invalid", "must have 1 to " + MAX_NAME + " characters");
    } else if (events.put(name, rule) != null) {
      add(path, "duplicate", "is planned twice");
    }
  }

  private OnViolation action(@Nullable String wire, String path) {
    if (wire == null) {
      return OnViolation.ALLOW;
    }
    for (OnViolation action : OnViolation.values()) {
      if (action.wire().equals(wire)) {
        return action;
      }
    }
    add(path, "invalid_value", "must be allow, omit or quarantine");
    return OnViolation.ALLOW;
  }

  private void add(String path, String code, String message) {
    faults.add(new Fault(path, code, message));
  }
}
