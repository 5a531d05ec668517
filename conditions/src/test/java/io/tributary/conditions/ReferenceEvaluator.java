package io.tributary.conditions;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The semantics word for word, over the full history, without any care for speed; shares no code
 * with the product's evaluator.
 */
final class ReferenceEvaluator {

  private final Person person;
  private final Instant now;

  ReferenceEvaluator(Person person, Instant now) {
    this.person = person;
    this.now = now.truncatedTo(ChronoUnit.MICROS);
  }

  boolean matches(Condition condition) {
    return switch (condition) {
      case And and -> and.conditions().stream().allMatch(this::matches);
      case Or or -> or.conditions().stream().anyMatch(this::matches);
      case Not not -> !matches(not.condition());
      case TraitCondition trait -> satisfies(find(person.traits(), trait.trait()), trait.test());
      case SegmentCondition segment ->
          person.segments().contains(segment.segmentId()) == segment.member();
      case EventCondition event -> counted(event);
    };
  }

  private boolean counted(EventCondition condition) {
    List<Instant> times =
        person.history().stream()
            .filter(each -> fits(condition.pattern(), each))
            .map(each -> Instant.EPOCH.plus(each.at(), ChronoUnit.MICROS))
            .filter(at -> !at.isAfter(now))
            .toList();
    long inWindow =
        times.stream()
            .filter(at -> condition.within() == null || at.isAfter(now.minus(condition.within())))
            .count();
    EventCount count = condition.count();
    boolean compared =
        switch (count.operator()) {
          case AT_LEAST -> inWindow >= count.value();
          case AT_MOST -> inWindow <= count.value();
          case EXACTLY -> inWindow == count.value();
          case FEWER_THAN -> inWindow < count.value();
          case MORE_THAN -> inWindow > count.value();
        };
    return compared && (count.includeNever() || !times.isEmpty());
  }

  private boolean fits(EventPattern pattern, Person.Happening event) {
    String filtered =
        switch (event.type()) {
          case IDENTIFY, GROUP -> "traits";
          case TRACK, PAGE, SCREEN, ALIAS -> "properties";
        };
    return pattern.type() == event.type()
        && (pattern.name() == null || pattern.name().equals(event.name()))
        && pattern.where().stream()
            .allMatch(filter ->
                satisfies(find(event.payload().path(filtered), filter.property()), filter.test()));
  }

  private static Optional<JsonNode> find(JsonNode from, String path) {
    JsonNode node = from;
    for (String part : path.split("\\.")) {
      node =
          node.isArray() && part.matches("\\d+")
              ? node.path(Integer.parseInt(part))
              : node.path(part);
    }
    boolean missing =
        node.isMissingNode() || node.isNull() || (node.isString() && node.asString().isEmpty());
    return missing ? Optional.empty() : Optional.of(node);
  }

  private boolean satisfies(Optional<JsonNode> value, ValueTest test) {
    return switch (test) {
      case ValueTest.Exists(boolean negated) -> value.isPresent() != negated;
      case ValueTest.Equals(Literal literal, boolean negated) ->
          value.filter(found -> equal(found, literal)).isPresent() != negated;
      case ValueTest.In(List<Literal> literals, boolean negated) ->
          value.filter(found -> literals.stream().anyMatch(each -> equal(found, each))).isPresent()
              != negated;
      case ValueTest.Contains(Literal literal, boolean negated) ->
          value.filter(found -> contains(found, literal)).isPresent() != negated;
      case ValueTest.Compared(ValueTest.Comparison comparison, BigDecimal number) ->
          value
              .map(ReferenceEvaluator::number)
              .filter(found -> compared(found.compareTo(number), comparison))
              .isPresent();
      case ValueTest.Dated dated ->
          value
              .map(ReferenceEvaluator::date)
              .filter(
                  at -> dated.before() ? at.isBefore(dated.moment()) : at.isAfter(dated.moment()))
              .isPresent();
      case ValueTest.Within within ->
          value
                  .map(ReferenceEvaluator::date)
                  .filter(at -> !at.isAfter(now) && at.isAfter(now.minus(within.window())))
                  .isPresent()
              != within.negated();
    };
  }

  private static boolean compared(int sign, ValueTest.Comparison comparison) {
    return switch (comparison) {
      case GREATER_THAN -> sign > 0;
      case AT_LEAST -> sign >= 0;
      case LESS_THAN -> sign < 0;
      case AT_MOST -> sign <= 0;
    };
  }

  private static boolean equal(JsonNode found, Literal literal) {
    if (found.isContainer() || found.isNull()) {
      return false;
    }
    BigDecimal left = number(found);
    BigDecimal right = textNumber(literal.text());
    if (left != null && right != null) {
      return left.compareTo(right) == 0;
    }
    return found.asString().equals(literal.text());
  }

  private static boolean contains(JsonNode found, Literal literal) {
    if (found.isString()) {
      return folded(found.asString()).contains(folded(literal.text()));
    }
    return found.isArray() && found.valueStream().anyMatch(each -> equal(each, literal));
  }

  private static String folded(String text) {
    return text.codePoints()
        .map(Character::toLowerCase)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static @Nullable BigDecimal number(JsonNode found) {
    return found.isNumber()
        ? found.decimalValue()
        : found.isString() ? textNumber(found.asString()) : null;
  }

  private static @Nullable BigDecimal textNumber(String text) {
    return text.matches("-?(0|[1-9]\\d{0,29})(\\.\\d{1,30})?") ? new BigDecimal(text) : null;
  }

  private static @Nullable Instant date(JsonNode found) {
    if (found.isNumber()) {
      BigDecimal number = found.decimalValue();
      BigDecimal millisBelow = new BigDecimal("250e12");
      if (number.scale() > 100 || number.abs().compareTo(millisBelow) >= 0) {
        return null;
      }
      boolean seconds = number.abs().compareTo(new BigDecimal("100e9")) < 0;
      BigDecimal micros = number.multiply(BigDecimal.valueOf(seconds ? 1_000_000 : 1_000));
      return Instant.EPOCH.plus(
          micros.setScale(0, RoundingMode.FLOOR).longValueExact(), ChronoUnit.MICROS);
    }
    String text = found.isString() ? found.asString() : "";
    try {
      if (text.matches("[1-9]\\d{3}-\\d\\d-\\d\\d")) {
        return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
      }
      String time =
          "[1-9]\\d{3}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?(Z|[+-]\\d\\d:?\\d\\d)";
      if (!text.matches(time) || text.matches(".*([+-](1[5-9]|[2-9]\\d):?\\d\\d|T24.*| 24.*)$")) {
        return null;
      }
      String standard = text.replace(' ', 'T').replaceFirst("([+-]\\d\\d)(\\d\\d)$", "$1:$2");
      return OffsetDateTime.parse(standard).toInstant().truncatedTo(ChronoUnit.MICROS);
    } catch (DateTimeException e) {
      return null;
    }
  }
}
