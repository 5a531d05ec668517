package io.tributary.conditions;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes a condition as JSON; {@link ConditionParser} reads an equal one back. */
public final class ConditionPrinter {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private ConditionPrinter() {}

  /** The condition as a tree. */
  public static ObjectNode print(Condition condition) {
    return switch (condition) {
      case And and -> typed("and").set("conditions", array(and.conditions()));
      case Or or -> typed("or").set("conditions", array(or.conditions()));
      case Not not -> typed("not").set("condition", print(not.condition()));
      case TraitCondition(String trait, ValueTest test) -> {
        ObjectNode node = typed("trait").put("trait", trait);
        write(node, test);
        yield node;
      }
      case EventCondition event -> event(event);
      case SegmentCondition(String segmentId, boolean member) ->
          typed("segment").put("segmentId", segmentId).put("member", member);
    };
  }

  /** The condition as text. */
  public static String json(Condition condition) {
    return MAPPER.writeValueAsString(print(condition));
  }

  static String filterJson(PropertyFilter filter) {
    return MAPPER.writeValueAsString(filter(filter));
  }

  static String text(String text) {
    return MAPPER.writeValueAsString(text);
  }

  private static ObjectNode typed(String type) {
    return NODES.objectNode().put("type", type);
  }

  private static ArrayNode array(List<Condition> conditions) {
    ArrayNode array = NODES.arrayNode(conditions.size());
    conditions.forEach(condition -> array.add(print(condition)));
    return array;
  }

  private static ObjectNode event(EventCondition condition) {
    ObjectNode node = typed("event");
    EventPattern pattern = condition.pattern();
    if (pattern.type() == EventType.TRACK && pattern.name() != null) {
      node.put("event", pattern.name());
    } else {
      node.put("eventType", pattern.type().wireName());
      if (pattern.name() != null) {
        node.put("name", pattern.name());
      }
    }
    writeCount(node, condition.count());
    writeWindow(node, condition.within());
    if (!pattern.where().isEmpty()) {
      ArrayNode where = node.putArray("where");
      pattern.where().forEach(filter -> where.add(filter(filter)));
    }
    return node;
  }

  private static void writeCount(ObjectNode node, EventCount count) {
    if (count.equals(EventCount.PERFORMED) || count.equals(EventCount.NOT_PERFORMED)) {
      node.put("performed", count.equals(EventCount.PERFORMED));
      return;
    }
    ObjectNode written =
        node.putObject("count")
            .put("operator", count.operator().wireName())
            .put("value", count.value());
    if (count.acceptsZero()) {
      written.put("includeNever", count.includeNever());
    }
  }

  private static ObjectNode filter(PropertyFilter filter) {
    ObjectNode node = NODES.objectNode().put("property", filter.property());
    write(node, filter.test());
    return node;
  }

  private static void write(ObjectNode node, ValueTest test) {
    node.put("operator", Operators.wireName(test));
    switch (test) {
      case ValueTest.Equals equals -> literal(node, equals.value());
      case ValueTest.Contains contains -> literal(node, contains.value());
      case ValueTest.In in -> {
        ArrayNode values = node.putArray("values");
        in.values().forEach(value -> literal(values, value));
      }
      case ValueTest.Exists _ -> {}
      case ValueTest.Compared compared -> node.put("value", compared.number());
      case ValueTest.Dated dated -> node.put("value", dated.moment().toString());
      case ValueTest.Within within -> writeWindow(node, within.window());
    }
  }

  private static void literal(ObjectNode node, Literal literal) {
    switch (literal) {
      case Literal.Text text -> node.put("value", text.text());
      case Literal.Decimal number -> node.put("value", number.value());
      case Literal.Truth truth -> node.put("value", truth.value());
    }
  }

  private static void literal(ArrayNode array, Literal literal) {
    switch (literal) {
      case Literal.Text text -> array.add(text.text());
      case Literal.Decimal number -> array.add(number.value());
      case Literal.Truth truth -> array.add(truth.value());
    }
  }

  private static void writeWindow(ObjectNode node, @Nullable Duration window) {
    if (window == null) {
      return;
    }
    WindowUnit unit = WindowUnit.largestOf(window);
    node.putObject("within").put(unit.wireName(), unit.amountOf(window));
  }
}
