package io.tributary.conditions;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Random conditions and people, drawn from small pools so that they meet, with moments on and
 * beside each window's edge.
 */
final class Generator {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final List<Duration> WINDOWS =
      List.of(
          Duration.ofSeconds(1),
          Duration.ofHours(1),
          Duration.ofDays(1),
          Duration.ofDays(30),
          Duration.ofDays(1096));
  private static final List<String> KEYS = List.of("a", "b", "c", "d.x", "d.0", "e.0", "e.1.x");
  private static final List<String> NAMES = List.of("Order Completed", "Viewed", "it's", "Ü");
  private static final List<String> SEGMENTS = List.of("seg_a", "seg_b", "seg_c");
  private static final List<String> TEXTS =
      List.of(
          "10",
          "10.0",
          "10.50",
          "007",
          "7",
          "-0",
          "0",
          "-5",
          "0.5",
          ".5",
          "5.",
          "1e1",
          "+10",
          " 10",
          "10\n",
          "true",
          "false",
          "True",
          "null",
          "DE",
          "de",
          "Germany",
          "GERMANY",
          "ÄPFEL",
          "äpfel",
          "Straße",
          "STRASSE",
          "İstanbul",
          "istanbul",
          "ΣΑΣ",
          "σας",
          "Ǆ",
          "x",
          "%",
          "_",
          "\\",
          "'; drop table x; --",
          "?",
          "$1",
          "😀",
          "NaN",
          "Infinity",
          "infinity",
          "now",
          "today",
          "epoch",
          "123456789012345678901234567890",
          "1234567890123456789012345678901",
          "0.123456789012345678901234567890",
          "2026-01-31",
          "2026-02-30",
          "2024-02-29",
          "2100-02-29",
          "0999-01-01",
          "2026-1-1",
          "20260131",
          "2026-01-31T10:00Z",
          "2026-01-31T10:00:00",
          "2026-01-31 10:00:00.5-08:00",
          "2026-01-31T10:00:00.1234567+0530",
          "2026-01-31T10:00:00.123456789Z",
          "2026-01-31T10:00:00.1234567891Z",
          "2026-01-31T24:00:00Z",
          "2026-01-31T23:59:60Z",
          "2026-01-31T10:00:00+15:00",
          "2026-01-31T10:00:00+14:59",
          "2026-01-31T10:00:00z",
          "2026-01-31t10:00:00Z",
          "9999-12-31T23:59:59.9999999-14:00",
          "1000-01-01T00:00:00+14:00",
          "2026-01-31T10Z",
          "2026-01-31T10:00:00.Z",
          "2026-01-31T10:00:00 Z",
          "2026-01-31T10:00:00Z ",
          "2026-13-01");
  private static final List<String> NUMBERS =
      List.of(
          "10",
          "10.0",
          "1e1",
          "10.5",
          "-5",
          "0",
          "-0",
          "7",
          "0.5",
          "1700000000",
          "1700000000000",
          "1700000000.1234567",
          "-1.0000005",
          "99999999999",
          "99999999999.9999999",
          "100000000000",
          "249999999999999.9999",
          "250000000000000",
          "1e-100",
          "1e-101",
          "-1e-90",
          "1e40",
          "1e300",
          "123456789012345678901234567890");

  private final Random random;
  private final Instant now;

  Generator(long seed, Instant now) {
    this.random = new Random(seed);
    this.now = now;
  }

  /** Each value of the pools, and some of each other kind. */
  static List<JsonNode> allValues() {
    List<JsonNode> values = new ArrayList<>();
    TEXTS.forEach(text -> values.add(NODES.stringNode(text)));
    NUMBERS.forEach(number -> values.add(NODES.numberNode(new BigDecimal(number))));
    values.add(NODES.stringNode(""));
    values.add(NODES.nullNode());
    values.add(NODES.booleanNode(true));
    values.add(NODES.booleanNode(false));
    values.add(NODES.arrayNode());
    values.add(NODES.objectNode());
    for (JsonNode value : List.copyOf(values)) {
      values.add(NODES.arrayNode().add(NODES.objectNode()).add(value));
      values.add(NODES.objectNode().set("a", value));
    }
    return values;
  }

  /** Each operator with each literal of the pools. */
  static List<ValueTest> allTests() {
    List<Literal> literals = new ArrayList<>();
    TEXTS.forEach(text -> literals.add(new Literal.Text(text)));
    literals.add(new Literal.Truth(true));
    literals.add(Literal.Decimal.of(10));
    List<ValueTest> tests = new ArrayList<>();
    for (Literal literal : literals) {
      tests.add(new ValueTest.Equals(literal, false));
      tests.add(new ValueTest.Contains(literal, true));
    }
    for (ValueTest.Comparison comparison : ValueTest.Comparison.values()) {
      tests.add(new ValueTest.Compared(comparison, BigDecimal.TEN));
      tests.add(new ValueTest.Compared(comparison, new BigDecimal("-5")));
    }
    tests.add(new ValueTest.In(literals, false));
    tests.add(new ValueTest.Exists(true));
    tests.add(new ValueTest.Dated(true, Values.LAST_DATE));
    tests.add(new ValueTest.Dated(false, Instant.parse("2026-01-31T10:00:00Z")));
    tests.add(new ValueTest.Within(Windows.LONGEST, false));
    return tests;
  }

  /** A moment on or beside the edge of some window that ends about now, or anywhere. */
  long moment() {
    long base = Values.micros(now);
    long jitter = random.nextInt(5) - 2L;
    return switch (random.nextInt(8)) {
      case 0 -> base + jitter;
      case 1 -> base + random.nextInt(3_600_000);
      case 2, 3, 4 -> base - Windows.micros(pick(WINDOWS)) + jitter;
      default -> base - random.nextLong(Windows.micros(Duration.ofDays(40)));
    };
  }

  Person person() {
    UUID id = uuid();
    List<UUID> homes = random.nextInt(3) == 0 ? List.of(id, uuid()) : List.of(id);
    ObjectNode traits = object(2);
    List<Person.Happening> history = new ArrayList<>();
    for (int i = random.nextInt(9); i > 0; i--) {
      history.add(happening(pick(homes)));
    }
    Set<String> segments = new HashSet<>();
    for (String segment : SEGMENTS) {
      if (random.nextBoolean()) {
        segments.add(segment);
      }
    }
    return new Person(id, homes, traits, history, segments);
  }

  UUID uuid() {
    return new UUID(random.nextLong(), random.nextLong());
  }

  private Person.Happening happening(UUID home) {
    EventType type = random.nextInt(3) > 0 ? EventType.TRACK : pick(List.of(EventType.values()));
    String name = type.isNamed() ? pick(NAMES) : null;
    ObjectNode payload = NODES.objectNode().put("type", type.wireName());
    if (random.nextInt(5) > 0) {
      payload.set("properties", object(1));
      payload.set("traits", object(1));
    }
    return new Person.Happening(home, type, name, payload, moment());
  }

  private ObjectNode object(int depth) {
    ObjectNode object = NODES.objectNode();
    for (String key : List.of("a", "b", "c", "d", "e")) {
      if (random.nextInt(4) > 0) {
        object.set(key, value(depth));
      }
    }
    if (depth > 0 && random.nextBoolean()) {
      object.set("d", NODES.objectNode().set("x", value(0)).set("0", value(0)));
      object.set("e", NODES.arrayNode().add(value(0)).add(NODES.objectNode().set("x", value(0))));
    }
    return object;
  }

  private JsonNode value(int depth) {
    return switch (random.nextInt(depth > 0 ? 9 : 7)) {
      case 0 -> NODES.numberNode(new BigDecimal(pick(NUMBERS)));
      case 1 -> NODES.booleanNode(random.nextBoolean());
      case 2 -> random.nextBoolean() ? NODES.nullNode() : NODES.stringNode("");
      case 3 -> NODES.stringNode(Values.instant(moment()).toString());
      case 4 -> NODES.numberNode(BigDecimal.valueOf(moment(), 6));
      case 5, 6 -> NODES.stringNode(pick(TEXTS));
      case 7 -> NODES.arrayNode().add(value(0)).add(value(0)).add(value(depth - 1));
      default -> object(depth - 1);
    };
  }

  Condition condition(int depth) {
    int kind = random.nextInt(depth > 0 ? 9 : 6);
    return switch (kind) {
      case 0, 1 -> new TraitCondition(pick(KEYS), test(true));
      case 2, 3, 4 -> event();
      case 5 -> new SegmentCondition(pick(SEGMENTS), random.nextBoolean());
      case 6 -> new And(several(() -> condition(depth - 1)));
      case 7 -> new Or(several(() -> condition(depth - 1)));
      default -> new Not(condition(depth - 1));
    };
  }

  private EventCondition event() {
    EventType type = random.nextInt(3) > 0 ? EventType.TRACK : pick(List.of(EventType.values()));
    String name = type.isNamed() && random.nextInt(3) > 0 ? pick(NAMES) : null;
    List<PropertyFilter> where =
        random.nextInt(3) > 0 || type == EventType.ALIAS
            ? List.of()
            : several(() -> new PropertyFilter(pick(KEYS), test(false)));
    @Nullable Duration within = random.nextInt(4) == 0 ? null : pick(WINDOWS);
    return new EventCondition(new EventPattern(type, name, where), count(), within);
  }

  private EventCount count() {
    if (random.nextInt(3) == 0) {
      return random.nextBoolean() ? EventCount.PERFORMED : EventCount.NOT_PERFORMED;
    }
    EventCount.Operator operator = pick(List.of(EventCount.Operator.values()));
    int value = operator.smallestValue() + random.nextInt(3);
    return new EventCount(operator, value, operator.acceptsZero(value) && random.nextBoolean());
  }

  private ValueTest test(boolean windows) {
    boolean negated = random.nextBoolean();
    return switch (random.nextInt(windows ? 8 : 6)) {
      case 0 -> new ValueTest.Equals(literal(), negated);
      case 1 -> new ValueTest.In(several(this::literal), negated);
      case 2 -> new ValueTest.Contains(literal(), negated);
      case 3 -> new ValueTest.Exists(negated);
      case 4 ->
          new ValueTest.Compared(
              pick(List.of(ValueTest.Comparison.values())),
              new BigDecimal(pick(List.of("10", "0", "-5", "7.5"))));
      case 5 -> new ValueTest.Dated(negated, date());
      default -> new ValueTest.Within(pick(WINDOWS), negated);
    };
  }

  private Instant date() {
    return random.nextBoolean()
        ? Instant.parse("2026-01-31T10:00:00Z").plus(random.nextInt(3) - 1L, ChronoUnit.MICROS)
        : Values.instant(moment());
  }

  private Literal literal() {
    return switch (random.nextInt(5)) {
      case 0 ->
          new Literal.Decimal(new BigDecimal(pick(List.of("10", "7", "-5", "0", "0.5", "10.5"))));
      case 1 -> new Literal.Truth(random.nextBoolean());
      default -> new Literal.Text(pick(TEXTS));
    };
  }

  private <T> List<T> several(Supplier<T> supplier) {
    List<T> several = new ArrayList<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      several.add(supplier.get());
    }
    return several;
  }

  <T> T pick(List<T> options) {
    return options.get(random.nextInt(options.size()));
  }

  int below(int bound) {
    return random.nextInt(bound);
  }
}
