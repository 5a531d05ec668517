package io.tributary.ingestion.plan;

import com.networknt.schema.Schema;
import io.tributary.event.EventType;
import io.tributary.event.Json;
import io.tributary.event.RawJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/** A version of a plan, compiled; safe for use by several threads. */
public final class Plan {
  /** Numbers stay as exact as they came, since what is left after an omission is written anew. */
  private static final JsonMapper EXACT =
      JsonMapper.builder(Json.FACTORY)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private static final JsonNode EMPTY = EXACT.createObjectNode();

  private final String id;
  private final long version;
  private final Map<String, Rule> events;
  private final Map<EventType, Rule> calls;
  private final OnViolation unplanned;

  /**
   * What is planned of one event.
   *
   * @param schema null where it may hold anything
   */
  record Rule(@Nullable Schema schema, OnViolation onViolation) {}

  Plan(
      String id,
      long version,
      Map<String, Rule> events,
      Map<EventType, Rule> calls,
      OnViolation unplanned) {
    this.id = id;
    this.version = version;
    this.events = Map.copyOf(events);
    this.calls = Map.copyOf(calls);
    this.unplanned = unplanned;
  }

  /** The plan's id, pln_…. */
  public String id() {
    return id;
  }

  /** Which version of it, from 1. */
  public long version() {
    return version;
  }

  /** Whether calls of a type carry traits rather than properties. */
  public static boolean isOfTraits(EventType type) {
    return type == EventType.IDENTIFY || type == EventType.GROUP;
  }

  /**
   * Checks an event; parses what it carries once, and only if there's a schema for it.
   *
   * @param event the name of a tracked event; null where it has none, and is refused for that
   * @param payload its properties or traits; null counts as an empty object
   * @return empty when the plan has no say about this event
   */
  public Optional<Checked> check(
      EventType type, @Nullable String event, @Nullable RawJson payload) {
    boolean tracked = type == EventType.TRACK;
    String name = tracked ? event : type.wire();
    if (name == null) {
      return Optional.empty();
    }
    Rule rule = tracked ? events.get(name) : calls.get(type);
    if (rule == null) {
      return tracked ? Optional.of(unplanned(name)) : Optional.empty();
    }
    if (rule.schema() == null) {
      return Optional.of(Checked.CLEAN);
    }
    JsonNode node = parse(payload);
    List<com.networknt.schema.Error> errors = rule.schema().validate(node);
    if (errors.isEmpty()) {
      return Optional.of(Checked.CLEAN);
    }
    Findings findings = Findings.of(errors, node, isOfTraits(type) ? "traits" : "properties", name);
    if (rule.onViolation() != OnViolation.OMIT) {
      return Optional.of(new Checked(findings.violations(), rule.onViolation(), null, List.of()));
    }
    List<String> omitted = new ArrayList<>();
    boolean less = findings.takeOut(node, omitted);
    return Optional.of(
        new Checked(
            findings.violations(), OnViolation.OMIT, less ? RawJson.of(node) : null, omitted));
  }

  /** Properties or traits as they are checked; none count as an empty object. */
  static JsonNode parse(@Nullable RawJson payload) {
    return payload == null ? EMPTY : EXACT.readTree(payload.toBytes());
  }

  private Checked unplanned(String event) {
    Violation violation =
        new Violation(
            event, "event", Kind.UNPLANNED_EVENT, "string", "isn't an event of the tracking plan");
    return new Checked(List.of(violation), unplanned, null, List.of());
  }
}
