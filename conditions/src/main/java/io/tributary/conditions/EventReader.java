package io.tributary.conditions;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads event conditions. */
final class EventReader {

  private static final List<String> OPERATORS =
      Arrays.stream(EventCount.Operator.values()).map(EventCount.Operator::wireName).toList();
  private static final List<String> TYPES =
      Arrays.stream(EventType.values()).map(EventType::wireName).toList();

  private EventReader() {}

  static @Nullable EventCondition read(Fields fields, Size size) {
    fields.only("type", "event", "eventType", "name", "performed", "count", "within", "where");
    EventType type = type(fields);
    String name = name(fields, type);
    EventCount count = count(fields);
    Duration within = fields.has("within") ? fields.window("within") : null;
    List<PropertyFilter> where = where(fields, type, size);
    if (!fields.problems().isEmpty() || type == null || count == null) {
      return null;
    }
    return new EventCondition(new EventPattern(type, name, where), count, within);
  }

  private static @Nullable EventType type(Fields fields) {
    if (fields.has("event") == fields.has("eventType")) {
      fields
          .problems()
          .add(
              fields.path(),
              "missing_key",
              "Give either \"event\", the name of a track event, or \"eventType\", one of "
                  + String.join(", ", TYPES)
                  + ".");
      return null;
    }
    if (fields.has("event")) {
      return EventType.TRACK;
    }
    String text = fields.text("eventType", "one of " + String.join(", ", TYPES));
    EventType type = text == null ? null : EventType.named(text);
    if (text != null && type == null) {
      fields
          .problems()
          .add(
              fields.at("eventType"),
              "unknown_event_type",
              "Use one of " + String.join(", ", TYPES) + "." + Problems.suggestion(text, TYPES));
    }
    return type;
  }

  private static @Nullable String name(Fields fields, @Nullable EventType type) {
    if (fields.has("event")) {
      if (fields.has("name")) {
        fields
            .problems()
            .add(fields.at("name"), "unknown_key", "Remove \"name\"; \"event\" is the name.");
      }
      return fields.text("event", "the name of a track event");
    }
    if (!fields.has("name")) {
      return null;
    }
    if (type != null && !type.isNamed()) {
      fields
          .problems()
          .add(
              fields.at("name"),
              "unknown_key",
              "Remove \"name\"; " + type.wireName() + " events have none.");
      return null;
    }
    return fields.text("name", "the name of the page or screen");
  }

  private static @Nullable EventCount count(Fields fields) {
    Boolean performed =
        fields.has("performed") ? fields.truth("performed", "true or false") : Boolean.TRUE;
    if (!fields.has("count")) {
      if (!fields.has("performed")) {
        fields
            .problems()
            .add(
                fields.path(),
                "missing_key",
                "Say \"performed\": true or false, or give a \"count\".");
      }
      return performed == null || performed ? EventCount.PERFORMED : EventCount.NOT_PERFORMED;
    }
    if (performed != null && !performed) {
      fields
          .problems()
          .add(
              fields.at("count"),
              "conflicting_count",
              "Remove \"count\", or set \"performed\" to true: what was not performed has no count.");
      return null;
    }
    JsonNode node = fields.required("count", "an object");
    Fields counted = node == null ? null : Fields.of(node, fields.at("count"), fields.problems());
    return counted == null ? null : counted(counted);
  }

  private static @Nullable EventCount counted(Fields fields) {
    fields.only("operator", "value", "includeNever");
    EventCount.Operator operator = operator(fields);
    Integer value =
        fields.whole(
            "value",
            "how many times",
            operator == null ? 0 : operator.smallestValue(),
            EventCount.MAX_VALUE);
    Boolean includeNever =
        fields.has("includeNever") ? fields.truth("includeNever", "true or false") : null;
    if (operator == null || value == null) {
      return null;
    }
    return includingNever(fields, operator, value, includeNever);
  }

  private static @Nullable EventCount includingNever(
      Fields fields, EventCount.Operator operator, int value, @Nullable Boolean includeNever) {
    boolean zero = operator.acceptsZero(value);
    if (zero && !fields.has("includeNever")) {
      fields
          .problems()
          .add(
              fields.at("includeNever"),
              "include_never_required",
              "Say whether profiles that never did it qualify: add \"includeNever\": true or false.");
      return null;
    }
    if (!zero && Boolean.TRUE.equals(includeNever)) {
      fields
          .problems()
          .add(
              fields.at("includeNever"),
              "include_never_impossible",
              "Remove \"includeNever\": who never did it can't satisfy "
                  + operator.wireName()
                  + " "
                  + value
                  + ".");
      return null;
    }
    return new EventCount(operator, value, zero && Boolean.TRUE.equals(includeNever));
  }

  private static EventCount.@Nullable Operator operator(Fields fields) {
    String name = fields.text("operator", "one of " + String.join(", ", OPERATORS));
    if (name == null) {
      return null;
    }
    EventCount.Operator operator = EventCount.Operator.named(name);
    if (operator == null) {
      fields
          .problems()
          .add(
              fields.at("operator"),
              "unknown_operator",
              "Use one of "
                  + String.join(", ", OPERATORS)
                  + "; "
                  + Problems.shown(name)
                  + " is none."
                  + Problems.suggestion(name, OPERATORS));
    }
    return operator;
  }

  private static List<PropertyFilter> where(Fields fields, @Nullable EventType type, Size size) {
    JsonNode node = fields.node().get("where");
    if (node == null) {
      return List.of();
    }
    String at = fields.at("where");
    if (!node.isArray()) {
      fields
          .problems()
          .add(at, "wrong_type", "Write an array of filters here, not " + Fields.kind(node) + ".");
      return List.of();
    }
    if (node.size() > Limits.MAX_FILTERS) {
      fields.problems().add(at, "too_large", "Give at most " + Limits.MAX_FILTERS + " filters.");
      return List.of();
    }
    if (type == EventType.ALIAS && !node.isEmpty()) {
      fields
          .problems()
          .add(at, "unknown_key", "Remove \"where\"; alias events have no properties.");
      return List.of();
    }
    List<PropertyFilter> filters = new ArrayList<>();
    for (int i = 0; i < node.size() && size.more(fields.problems()); i++) {
      Fields filter = Fields.of(node.get(i), at + "/" + i, fields.problems());
      PropertyFilter read = filter == null ? null : filter(filter);
      if (read != null) {
        filters.add(read);
      }
    }
    return filters;
  }

  private static @Nullable PropertyFilter filter(Fields fields) {
    String property = fields.dotted("property", "the property's path, such as \"products.0.sku\"");
    ValueTest test = ValueTestReader.read(fields, "property");
    if (test instanceof ValueTest.Within) {
      fields
          .problems()
          .add(
              fields.at("operator"),
              "window_in_where",
              "Use before or after here: an event's filters are decided when it arrives and can't roll with the clock.");
      return null;
    }
    return property == null || test == null ? null : new PropertyFilter(property, test);
  }
}
