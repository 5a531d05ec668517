package io.tributary.ingestion.plan;

import io.tributary.event.EventType;
import io.tributary.event.RawJson;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Draws up a plan from events: one that all of them keep to. What it holds of an event is bounded,
 * and so is how many kinds of events it looks at. Not for several threads.
 */
public final class Learner {
  /** Places of one event that are looked at; a schema may have a thousand parts. */
  private static final int MAX_PLACES = 300;

  private static final int MAX_ALL_PLACES = 6_000;

  /** Leaves room below what a schema, and a plan, may have. */
  private static final int MAX_SCHEMA = 60 * 1024;

  private static final int MAX_PLAN = 240 * 1024;

  private final Map<Subject, Shape> subjects = new HashMap<>();
  private final Shape.Budget whole = new Shape.Budget(MAX_ALL_PLACES, null);

  /** Has seen nothing. */
  public Learner() {}

  /** A tracked event by its name, or all calls of a type. */
  private record Subject(@Nullable String event, @Nullable String type) {
    String label() {
      return event == null ? String.valueOf(type) : event;
    }
  }

  /**
   * What was seen of a field.
   *
   * @param event the tracked event's name; for another call its type
   * @param path where, with [] for every item of a list
   * @param share in which part of the objects that could have it, over 0 to 1
   * @param types of JSON
   * @param values the only texts that there seem to be, 12 at most
   * @param min the smallest number
   * @param max the largest number
   * @param personal whether it looks like people's data, by its name or by its values
   */
  public record Field(
      String event,
      String path,
      double share,
      List<String> types,
      List<String> values,
      @Nullable BigDecimal min,
      @Nullable BigDecimal max,
      boolean personal) {}

  /** A plan that says of nothing that it is wrong, and what it was drawn from. */
  public record Draft(PlanDocument plan, List<Field> fields) {}

  /**
   * Looks at an event.
   *
   * @param event the name of a tracked event
   * @param payload its properties, or its traits
   */
  public void see(EventType type, @Nullable String event, @Nullable RawJson payload) {
    if (type == EventType.ALIAS || (type == EventType.TRACK && event == null)) {
      return;
    }
    Subject subject =
        type == EventType.TRACK ? new Subject(event, null) : new Subject(null, type.wire());
    Shape shape = subjects.get(subject);
    if (shape == null) {
      if (subjects.size() == PlanCompiler.MAX_EVENTS) {
        return;
      }
      shape = new Shape(new Shape.Budget(MAX_PLACES, whole));
      subjects.put(subject, shape);
    }
    shape.see(Plan.parse(payload));
  }

  /** What has been seen, the most frequent event first; without events an empty plan. */
  public Draft draft() {
    List<Map.Entry<Subject, Shape>> all = new ArrayList<>(subjects.entrySet());
    all.sort(
        Comparator.comparingInt((Map.Entry<Subject, Shape> e) -> -e.getValue().seen())
            .thenComparing(e -> e.getKey().label()));
    List<PlanDocument.@Nullable PlannedEvent> events = new ArrayList<>();
    List<Field> fields = new ArrayList<>();
    int length = 0;
    for (Map.Entry<Subject, Shape> entry : all) {
      Subject subject = entry.getKey();
      Shape shape = entry.getValue();
      ObjectNode schema = shape.schema(true);
      if (schema.toString().length() > MAX_SCHEMA) {
        schema = shape.schema(false);
      }
      length += schema.toString().length();
      if (length > MAX_PLAN) {
        break;
      }
      events.add(new PlanDocument.PlannedEvent(subject.event, subject.type, schema, "allow"));
      boolean traits =
          EventType.tryParse(String.valueOf(subject.type)).filter(Plan::isOfTraits).isPresent();
      below(subject.label(), traits ? "traits" : "properties", shape, fields);
    }
    return new Draft(new PlanDocument(events, "allow"), List.copyOf(fields));
  }

  private static void below(String event, String path, Shape shape, List<Field> fields) {
    shape
        .members()
        .forEach((name, member) -> {
          String at = path + "." + name;
          fields.add(
              new Field(
                  event,
                  at,
                  (double) member.seen() / shape.objects(),
                  member.types(),
                  member.choice(),
                  member.min(),
                  member.max(),
                  member.isPersonal()));
          below(event, at, member, fields);
        });
    Shape items = shape.items();
    if (items != null) {
      below(event, path + "[]", items, fields);
    }
  }
}
