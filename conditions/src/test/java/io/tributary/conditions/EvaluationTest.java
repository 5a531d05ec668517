package io.tributary.conditions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What each operator says of each kind of value, as a table that people can read. */
class EvaluationTest {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final Instant NOW = Instant.parse("2026-03-15T12:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  @ParameterizedTest(name = "{0} {1} {2}: {3}")
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          # traits                    | operator        | operand                   | matches
          {"t":"DE"}                  | equals          | "value":"DE"              | true
          {"t":"de"}                  | equals          | "value":"DE"              | false
          {"t":10}                    | equals          | "value":"10"              | true
          {"t":"10"}                  | equals          | "value":10                | true
          {"t":"10.0"}                | equals          | "value":10                | true
          {"t":1e1}                   | equals          | "value":10                | true
          {"t":"1e1"}                 | equals          | "value":10                | false
          {"t":"007"}                 | equals          | "value":7                 | false
          {"t":"007"}                 | equals          | "value":"007"             | true
          {"t":true}                  | equals          | "value":"true"            | true
          {"t":"true"}                | equals          | "value":true              | true
          {"t":1}                     | equals          | "value":true              | false
          {"t":["DE"]}                | equals          | "value":"DE"              | false
          {}                          | equals          | "value":"DE"              | false
          {"t":{"u":{"v":"x"}}}       | exists          |                           | true
          {"t":"DE"}                  | not_equals      | "value":"DE"              | false
          {"t":"FR"}                  | not_equals      | "value":"DE"              | true
          {}                          | not_equals      | "value":"DE"              | true
          {"t":""}                    | not_equals      | "value":"DE"              | true
          {"t":null}                  | not_equals      | "value":"DE"              | true
          {"t":"FR"}                  | in              | "values":["DE","FR"]      | true
          {"t":5}                     | in              | "values":["DE","5.0"]     | true
          {"t":false}                 | in              | "values":["false"]        | true
          {}                          | in              | "values":["DE"]           | false
          {"t":"FR"}                  | not_in          | "values":["DE","FR"]      | false
          {"t":""}                    | not_in          | "values":["DE","FR"]      | true
          {"t":"Big SALE now"}        | contains        | "value":"sale"            | true
          {"t":"ÄPFEL"}               | contains        | "value":"äpf"             | true
          {"t":["a","SALE"]}          | contains        | "value":"SALE"            | true
          {"t":["a","SALE"]}          | contains        | "value":"sale"            | false
          {"t":[1,"2"]}               | contains        | "value":2                 | true
          {"t":12345}                 | contains        | "value":"23"              | false
          {"t":{"sale":1}}            | contains        | "value":"sale"            | false
          {}                          | contains        | "value":"sale"            | false
          {}                          | not_contains    | "value":"sale"            | true
          {"t":["a"]}                 | not_contains    | "value":"a"               | false
          {"t":0}                     | exists          |                           | true
          {"t":false}                 | exists          |                           | true
          {"t":[]}                    | exists          |                           | true
          {"t":" "}                   | exists          |                           | true
          {"t":""}                    | exists          |                           | false
          {"t":null}                  | exists          |                           | false
          {}                          | not_exists      |                           | true
          {"t":""}                    | not_exists      |                           | true
          {"t":10.01}                 | greater_than    | "value":10                | true
          {"t":"10"}                  | greater_than    | "value":10                | false
          {"t":"10"}                  | at_least        | "value":10                | true
          {"t":"abc"}                 | at_least        | "value":-5                | false
          {"t":true}                  | at_least        | "value":0                 | false
          {}                          | less_than       | "value":10                | false
          {"t":-3}                    | less_than       | "value":"0"               | true
          {"t":10}                    | at_most         | "value":10                | true
          {"t":1e300}                 | at_most         | "value":10                | false
          {"t":"2026-01-31"}          | before          | "value":"2026-02-01"      | true
          {"t":"2026-01-31"}          | before          | "value":"2026-01-31"      | false
          {"t":"2026-01-31"}          | after           | "value":"2026-01-30T23:59:59.999999Z" | true
          {"t":"2026-01-31T01:00+02:00"} | before       | "value":"2026-01-31"      | true
          {"t":"2026-01-31T01:00"}    | after           | "value":"2020-01-01"      | false
          {"t":"2026-02-29"}          | after           | "value":"2020-01-01"      | false
          {"t":1700000000}            | after           | "value":"2023-11-14T22:13:19Z" | true
          {"t":1700000000000}         | before          | "value":"2023-11-14T22:13:21Z" | true
          {"t":"1700000000"}          | after           | "value":"1970-01-01"      | false
          {}                          | before          | "value":"2026-02-01"      | false
          {"t":"2026-03-14T12:00:00.000001Z"} | within_last | "days":1              | true
          {"t":"2026-03-14T12:00:00Z"} | within_last    | "days":1                  | false
          {"t":"2026-03-15T12:00:00Z"} | within_last    | "days":1                  | true
          {"t":"2026-03-15T12:00:00.000001Z"} | within_last | "days":1              | false
          {"t":"2026-03-15T11:30:00Z"} | within_last    | "within":{"minutes":31}   | true
          {"t":"soon"}                | within_last     | "days":1                  | false
          {}                          | not_within_last | "days":1                  | true
          {"t":"soon"}                | not_within_last | "days":1                  | true
          {"t":"2026-03-15"}          | not_within_last | "days":1                  | false
          """)
  void traitOperators(String traits, String operator, @Nullable String operand, boolean matches) {
    String json =
        "{\"type\":\"trait\",\"trait\":\"t\",\"operator\":\"%s\"%s}"
            .formatted(operator, operand == null ? "" : "," + operand);
    Facts facts = facts(MAPPER.readTree(traits), Occurrences.NONE);
    CompiledCondition condition = CompiledCondition.of(ConditionParserTest.valid(json));

    assertThat(condition.evaluate(facts, NOW).matches()).isEqualTo(matches);
    assertThat(condition.explain(facts, NOW).actual()).isNotBlank();
  }

  @ParameterizedTest(name = "{0} in {1}")
  @CsvSource({
    "tags.0, true",
    "tags.1.name, true",
    "tags.2, false",
    "tags.name, false",
    "a.b, true",
    "a, true"
  })
  void dotsLeadIntoObjectsAndArrays(String path, boolean exists) {
    JsonNode traits = MAPPER.readTree("{\"tags\":[\"x\",{\"name\":\"y\"}],\"a\":{\"b\":1}}");
    Condition condition = new TraitCondition(path, new ValueTest.Exists(false));
    assertThat(
            CompiledCondition.of(condition)
                .evaluate(facts(traits, Occurrences.NONE), NOW)
                .matches())
        .isEqualTo(exists);
  }

  /** Ages in hours before now, negative = in the future; the window is one day. */
  @ParameterizedTest(name = "{0} {1} never={2} of {3}: {4}, flips after {5} h")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # operator | n | includeNever | ages        | matches | flip in hours
          AT_LEAST   | 1 | false        |             | false   |
          AT_LEAST   | 1 | false        | 1           | true    | 23
          AT_LEAST   | 1 | false        | 24          | false   |
          AT_LEAST   | 1 | false        | -2          | false   | 2
          AT_LEAST   | 1 | false        | -2 3 20     | true    | 2
          AT_LEAST   | 2 | false        | 1 5 9       | true    | 19
          AT_LEAST   | 2 | false        | 1 30        | false   |
          MORE_THAN  | 1 | false        | 1 5         | true    | 19
          AT_MOST    | 1 | true         |             | true    |
          AT_MOST    | 1 | false        |             | false   |
          AT_MOST    | 1 | false        | 30          | true    |
          AT_MOST    | 1 | false        | 1 5         | false   | 19
          FEWER_THAN | 2 | true         | 1 5         | false   | 19
          FEWER_THAN | 2 | true         | 5           | true    |
          FEWER_THAN | 1 | false        | 30          | true    |
          FEWER_THAN | 1 | false        | -3          | false   | 3
          EXACTLY    | 2 | false        | 1 5         | true    | 19
          EXACTLY    | 2 | false        | 1 5 9       | false   | 15
          EXACTLY    | 0 | true         |             | true    |
          EXACTLY    | 0 | true         | 1           | false   | 23
          EXACTLY    | 0 | false        |             | false   |
          EXACTLY    | 0 | false        | 30          | true    |
          """)
  void countsInARollingWindow(
      EventCount.Operator operator,
      int value,
      boolean includeNever,
      @Nullable String ages,
      boolean matches,
      @Nullable Integer flip) {
    EventCount count = new EventCount(operator, value, includeNever);
    EventCondition condition =
        new EventCondition(EventPattern.track("Order Completed"), count, DAY);
    Occurrences occurrences = Occurrences.NONE;
    for (String age : ages == null ? new String[0] : ages.split(" ")) {
      occurrences =
          occurrences.with(Values.micros(NOW.minus(Duration.ofHours(Integer.parseInt(age)))));
    }
    Facts facts =
        facts(MAPPER.createObjectNode(), occurrences.prune(condition.keep(), Values.micros(NOW)));

    assertThat(CompiledCondition.of(condition).evaluate(facts, NOW))
        .isEqualTo(new Evaluation(matches, flip == null ? null : NOW.plus(Duration.ofHours(flip))));
  }

  @Test
  void aSettledAndWaitsForTheLastOfThePartsThatSettleIt() {
    Condition ordered =
        new EventCondition(EventPattern.track("Order Completed"), EventCount.PERFORMED, DAY);
    Facts facts =
        facts(
            MAPPER.readTree("{\"c\":\"DE\"}"), Occurrences.of(Values.micros(NOW) - 3_600_000_000L));
    Condition german = new TraitCondition("c", new ValueTest.Equals(new Literal.Text("DE"), false));
    Condition french = new TraitCondition("c", new ValueTest.Equals(new Literal.Text("FR"), false));

    assertThat(CompiledCondition.of(And.of(ordered, german)).evaluate(facts, NOW))
        .isEqualTo(new Evaluation(true, NOW.plus(Duration.ofHours(23))));
    assertThat(CompiledCondition.of(And.of(ordered, french)).evaluate(facts, NOW))
        .isEqualTo(new Evaluation(false, null));
    assertThat(CompiledCondition.of(Or.of(ordered, german)).evaluate(facts, NOW))
        .isEqualTo(new Evaluation(true, null));
    assertThat(CompiledCondition.of(new Not(ordered)).evaluate(facts, NOW))
        .isEqualTo(new Evaluation(false, NOW.plus(Duration.ofHours(23))));
  }

  @Test
  void anExplanationShowsWhatWasFound() {
    Condition condition =
        And.of(
            new TraitCondition("country", new ValueTest.Equals(new Literal.Text("DE"), false)),
            new EventCondition(EventPattern.track("Order Completed"), EventCount.PERFORMED, DAY),
            new SegmentCondition("seg_vip", true));
    Facts facts = facts(MAPPER.readTree("{\"country\":\"FR\"}"), Occurrences.NONE);

    Explanation explanation = CompiledCondition.of(condition).explain(facts, NOW);

    assertThat(explanation.matches()).isFalse();
    assertThat(explanation.parts())
        .extracting(Explanation::condition, Explanation::matches, Explanation::actual)
        .containsExactly(
            tuple("country equals “DE”", false, "\"FR\""),
            tuple("performed “Order Completed” within the last 1 day", false, "never"),
            tuple("is a member of seg_vip", false, "not a member"));
  }

  @Test
  void aCompiledConditionNamesWhatItLooksAt() {
    EventPattern orders = EventPattern.track("Order Completed");
    CompiledCondition compiled =
        CompiledCondition.of(
            And.of(
                new TraitCondition("address.city", new ValueTest.Exists(false)),
                new Not(new SegmentCondition("seg_b", true)),
                new EventCondition(
                    orders, new EventCount(EventCount.Operator.AT_LEAST, 2, false), DAY),
                new EventCondition(
                    orders, new EventCount(EventCount.Operator.AT_MOST, 4, true), null)));

    assertThat(compiled.traitKeys()).isEqualTo(Set.of("address"));
    assertThat(compiled.segmentIds()).isEqualTo(Set.of("seg_b"));
    assertThat(compiled.patterns()).containsExactly(new KeptPattern(orders, 5));
    assertThat(compiled.isTimeDependent()).isTrue();
    assertThat(CompiledCondition.of(new SegmentCondition("seg_b", true)).isTimeDependent())
        .isFalse();
  }

  private static Facts facts(JsonNode traits, Occurrences occurrences) {
    return new Facts() {
      @Override
      public @Nullable JsonNode trait(String key) {
        return traits.get(key);
      }

      @Override
      public Occurrences occurrences(EventPattern pattern) {
        return occurrences;
      }

      @Override
      public boolean memberOf(String segmentId) {
        return false;
      }
    };
  }
}
