package io.tributary.ingestion.plan;

import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What stood at one place of many events: types, numbers' range, few texts, and what lay below. It
 * stays small, whatever is seen.
 */
final class Shape {
  /** JSON types as JSON Schema names them. */
  enum Type {
    ARRAY,
    BOOLEAN,
    INTEGER,
    NULL,
    NUMBER,
    OBJECT,
    STRING;

    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Fewer sightings say nothing of what is always there, and of all texts that there are. */
  static final int ENOUGH = 50;

  private static final int MAX_DEPTH = 5;
  private static final int MAX_NAME = 100;
  private static final int MAX_VALUES = 12;
  private static final int MAX_VALUE = 40;

  /** Names after which people's data stand. */
  private static final Pattern PERSONAL_NAME =
      Pattern.compile(
          "e-?mail|phone|mobile|(first|last|full|sur|given|family)_?name|street|address|birth|iban|passport|^ssn$|^ip$|^dob$",
          Pattern.CASE_INSENSITIVE);

  /** Mail addresses; telephone numbers and IBANs, as far as they are of no other kind. */
  private static final Pattern PERSONAL_VALUE =
      Pattern.compile(
          "[^@\\s]+@[^@\\s]+\\.[^@\\s]+|\\+\\d[\\d ()/.-]{6,}|[A-Z]{2}\\d{2}[A-Z0-9 ]{11,30}");

  private final Budget budget;
  private final int depth;
  private final boolean personalName;
  private final Map<Type, Integer> types = new EnumMap<>(Type.class);
  private final Map<String, Integer> values = new TreeMap<>();
  private final Map<String, Shape> members = new TreeMap<>();
  private boolean manyValues;
  private int personalValues;
  private int seen;
  private @Nullable BigDecimal min;
  private @Nullable BigDecimal max;
  private @Nullable Shape items;

  /** How many more places are looked at, of an event and of all events together. */
  static final class Budget {
    private final @Nullable Budget whole;
    private int left;

    Budget(int places, @Nullable Budget whole) {
      this.left = places;
      this.whole = whole;
    }

    private boolean take() {
      if (left == 0 || (whole != null && !whole.take())) {
        return false;
      }
      left--;
      return true;
    }
  }

  /** The shape of an event's properties or traits. */
  Shape(Budget budget) {
    this(budget, 0, "");
  }

  private Shape(Budget budget, int depth, String name) {
    this.budget = budget;
    this.depth = depth;
    this.personalName = PERSONAL_NAME.matcher(name).find();
  }

  void see(JsonNode node) {
    seen++;
    Type type = type(node);
    types.merge(type, 1, Integer::sum);
    switch (type) {
      case OBJECT -> {
        if (depth < MAX_DEPTH) {
          node.forEachEntry(this::member);
        }
      }
      case ARRAY -> {
        if (depth < MAX_DEPTH) {
          node.forEach(this::item);
        }
      }
      case STRING -> text(node.stringValue());
      case NUMBER, INTEGER -> number(node.decimalValue());
      case BOOLEAN, NULL -> {
        // Says all by its type.
      }
    }
  }

  private void member(String name, JsonNode value) {
    Shape member = members.get(name);
    if (member == null && name.length() <= MAX_NAME && budget.take()) {
      member = new Shape(budget, depth + 1, name);
      members.put(name, member);
    }
    if (member != null) {
      member.see(value);
    }
  }

  private void item(JsonNode value) {
    if (items == null && budget.take()) {
      items = new Shape(budget, depth + 1, "");
    }
    if (items != null) {
      items.see(value);
    }
  }

  private void text(String text) {
    if (PERSONAL_VALUE.matcher(text).matches()) {
      personalValues++;
    }
    if (manyValues) {
      return;
    }
    if (text.length() > MAX_VALUE || (!values.containsKey(text) && values.size() == MAX_VALUES)) {
      manyValues = true;
      values.clear();
    } else {
      values.merge(text, 1, Integer::sum);
    }
  }

  private void number(BigDecimal number) {
    min = min == null ? number : min.min(number);
    max = max == null ? number : max.max(number);
  }

  private static Type type(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> Type.ARRAY;
      case BOOLEAN -> Type.BOOLEAN;
      case NUMBER -> node.isIntegralNumber() ? Type.INTEGER : Type.NUMBER;
      case OBJECT, POJO -> Type.OBJECT;
      case STRING, BINARY -> Type.STRING;
      case NULL, MISSING -> Type.NULL;
    };
  }

  /** How often it was there. */
  int seen() {
    return seen;
  }

  /** Whether it holds people's data, by its name or by every second of its texts. */
  boolean isPersonal() {
    return personalName || personalValues * 2 > types.getOrDefault(Type.STRING, 0);
  }

  /** All types that were seen; a number wherever one had a fraction. */
  List<String> types() {
    return types.keySet().stream()
        .filter(type -> type != Type.INTEGER || !types.containsKey(Type.NUMBER))
        .map(Type::wire)
        .toList();
  }

  /** The smallest number; null where there was none. */
  @Nullable BigDecimal min() {
    return min;
  }

  /** The largest number; null where there was none. */
  @Nullable BigDecimal max() {
    return max;
  }

  /**
   * The only texts that there seem to be; empty where they are many, few of a kind, or people's.
   */
  List<String> choice() {
    boolean choice =
        types.keySet().equals(Set.of(Type.STRING))
            && !manyValues
            && !isPersonal()
            && seen >= ENOUGH
            && values.values().stream().allMatch(times -> times > 1);
    return choice ? List.copyOf(values.keySet()) : List.of();
  }

  /** What lies below, by name. */
  Map<String, Shape> members() {
    return members;
  }

  /** What lists hold; null where there was none, or none that was looked at. */
  @Nullable Shape items() {
    return items;
  }

  /** How often it was an object, and so could have had each of its members. */
  int objects() {
    return types.getOrDefault(Type.OBJECT, 0);
  }

  /**
   * A JSON Schema that all that was seen fits.
   *
   * @param choices whether it lists texts
   */
  ObjectNode schema(boolean choices) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    List<String> types = types();
    if (types.size() == 1) {
      schema.put("type", types.getFirst());
    } else {
      types.forEach(schema.putArray("type")::add);
    }
    List<String> choice = choice();
    if (choices && !choice.isEmpty()) {
      choice.forEach(schema.putArray("enum")::add);
    }
    if (min != null && min.signum() >= 0 && seen >= ENOUGH) {
      schema.put("minimum", 0);
    }
    if (!members.isEmpty()) {
      ObjectNode properties = schema.putObject("properties");
      members.forEach((name, member) -> properties.set(name, member.schema(choices)));
      List<String> always =
          members.entrySet().stream()
              .filter(member -> objects() >= ENOUGH && member.getValue().seen == objects())
              .map(Map.Entry::getKey)
              .toList();
      if (!always.isEmpty()) {
        ArrayNode required = schema.putArray("required");
        always.forEach(required::add);
      }
    }
    if (items != null) {
      schema.set("items", items.schema(choices));
    }
    return schema;
  }
}
