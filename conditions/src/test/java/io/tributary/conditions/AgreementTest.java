package io.tributary.conditions;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Random conditions mean the same to the naive reference, to the evaluator with only the kept
 * occurrences, and to Postgres.
 */
class AgreementTest {

  /** Set the system property to repeat a failed run. */
  private static final long SEED = Long.getLong("tributary.seed", System.nanoTime());

  private static final int ROUNDS = 12;
  private static final int PEOPLE = 60;
  private static final int CONDITIONS = 60;
  private static final Instant NOW = Instant.parse("2026-03-15T12:34:56.123456789Z");

  private static ProfileTables tables;

  @BeforeAll
  static void open() throws SQLException {
    System.out.println("AgreementTest seed: -Dtributary.seed=" + SEED);
    tables = new ProfileTables();
  }

  @AfterAll
  static void close() throws SQLException {
    tables.close();
  }

  @Test
  void referenceKeptOccurrencesAndPostgresAgree() throws SQLException {
    int matched = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Generator generator = new Generator(SEED + round, NOW);
      String workspaceId = "ws_" + round;
      List<Person> people = new ArrayList<>();
      for (int i = 0; i < PEOPLE; i++) {
        people.add(generator.person());
      }
      tables.add(workspaceId, people);
      for (int i = 0; i < CONDITIONS; i++) {
        Condition condition = generator.condition(3);
        Instant later = NOW.plusNanos(generator.pick(List.of(0L, 1_000L, 3_600_000_000_000L)));
        matched += compare(workspaceId, people, condition, later);
      }
    }
    // Were nearly nothing or nearly all to match, agreement would say little.
    int all = ROUNDS * PEOPLE * CONDITIONS;
    assertThat(matched).isBetween(all / 5, all * 4 / 5);
  }

  private static int compare(
      String workspaceId, List<Person> people, Condition condition, Instant now)
      throws SQLException {
    CompiledCondition compiled = CompiledCondition.of(condition);
    Set<UUID> byReference = new HashSet<>();
    Set<UUID> byEvaluation = new HashSet<>();
    for (Person person : people) {
      if (new ReferenceEvaluator(person, now).matches(condition)) {
        byReference.add(person.id());
      }
      if (compiled.evaluate(person.kept(compiled, Values.micros(NOW)), now).matches()) {
        byEvaluation.add(person.id());
      }
    }
    String shown = "seed " + SEED + ": " + ConditionPrinter.json(condition) + " at " + now;
    Sql sql = ConditionSql.compile(condition, workspaceId, now);
    assertThat(byEvaluation).as(shown).isEqualTo(byReference);
    assertThat(tables.ids(sql)).as(shown + "\n" + sql).isEqualTo(byReference);
    return byReference.size();
  }

  @Test
  void eachValueMeetsEachTest() throws SQLException {
    Generator generator = new Generator(SEED, NOW);
    List<Person> people = new ArrayList<>();
    for (JsonNode value : Generator.allValues()) {
      UUID id = generator.uuid();
      ObjectNode traits = JsonNodeFactory.instance.objectNode();
      traits.set("a", value);
      people.add(new Person(id, List.of(id), traits, List.of(), Set.of()));
    }
    tables.add("ws_values", people);
    for (ValueTest test : Generator.allTests()) {
      compare("ws_values", people, new TraitCondition("a", test), NOW);
    }
  }

  @Test
  void countPageAndSomeProfilesAreTheSameSelection() throws SQLException {
    Generator generator = new Generator(SEED ^ 1, NOW);
    List<Person> people = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      people.add(generator.person());
    }
    tables.add("ws_pages", people);
    for (int i = 0; i < 20; i++) {
      Condition condition = generator.condition(2);
      Sql all = ConditionSql.compile(condition, "ws_pages", NOW);
      Set<UUID> ids = tables.ids(all);
      List<UUID> some = people.subList(0, 10).stream().map(Person::id).toList();
      Set<UUID> expected = new HashSet<>(ids);
      expected.retainAll(some);

      assertThat(tables.number(all.count())).isEqualTo(ids.size());
      assertThat(tables.ids(all.page(new UUID(0, 0), 1000))).isEqualTo(ids);
      assertThat(tables.ids(all.page(new UUID(0, 0), 3))).hasSize(Math.min(3, ids.size()));
      assertThat(tables.ids(ConditionSql.compileAmong(condition, "ws_pages", some, NOW)))
          .isEqualTo(expected);
    }
  }

  @Test
  void postgresFoldsTheCaseOfEachCharacterAsWeDo() throws SQLException {
    StringBuilder all = new StringBuilder();
    for (int c = 1; c <= Character.MAX_CODE_POINT; c++) {
      if (Character.isDefined(c) && (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)) {
        all.appendCodePoint(c);
      }
    }
    String text = all.toString();
    Sql same =
        new Sql(
            "select count(*) from (select lower(?::text collate \"pg_c_utf8\") as f) x where f = ?::text",
            List.of(text, Values.lowerCase(text)));
    assertThat(tables.number(same)).isEqualTo(1);
  }

  @Test
  void nothingChangesBetweenNowAndTheNextFlip() {
    int flips = 0;
    int changes = 0;
    for (int round = 0; round < 4000; round++) {
      Generator generator = new Generator(SEED + 1000 + round, NOW);
      Person person = generator.person();
      Condition condition = generator.condition(3);
      CompiledCondition compiled = CompiledCondition.of(condition);
      Evaluation evaluation = compiled.evaluate(person.kept(compiled, Values.micros(NOW)), NOW);
      String shown = "seed " + (SEED + 1000 + round) + ": " + ConditionPrinter.json(condition);
      Instant flip = evaluation.nextFlip();
      Instant until = flip == null ? NOW.plus(Duration.ofDays(2000)) : flip;
      assertThat(until).as(shown).isAfter(NOW);
      long micros = Duration.between(NOW, until).dividedBy(Duration.ofNanos(1000));
      List<Instant> moments = new ArrayList<>(List.of(until.minusNanos(1000)));
      for (int i = 0; i < 8 && micros > 0; i++) {
        moments.add(NOW.plusNanos(1000L * generator.below((int) Math.min(micros, 1_000_000_000))));
        moments.add(NOW.plus(Duration.ofNanos(1000).multipliedBy(micros / 9 * (i + 1))));
      }
      for (Instant moment : moments) {
        if (!moment.isBefore(NOW) && moment.isBefore(until)) {
          assertThat(new ReferenceEvaluator(person, moment).matches(condition))
              .as(shown + " between now and " + until + " at " + moment)
              .isEqualTo(evaluation.matches());
        }
      }
      if (flip != null) {
        flips++;
        boolean then = new ReferenceEvaluator(person, flip).matches(condition);
        changes += then == evaluation.matches() ? 0 : 1;
        assertThat(compiled.isTimeDependent()).as(shown).isTrue();
      }
    }
    // A bound that came far too early each time would be true and useless.
    assertThat(changes).isGreaterThan(flips / 4);
  }

  @Test
  void printedConditionsAreReadBackEqual() {
    for (int round = 0; round < 3000; round++) {
      Condition condition = new Generator(SEED + round, NOW).condition(4);
      String json = ConditionPrinter.json(condition);
      Parsed parsed = ConditionParser.parse(json.getBytes(StandardCharsets.UTF_8));
      assertThat(parsed)
          .as("seed " + (SEED + round) + ": " + json)
          .isEqualTo(new Parsed.Valid(condition));
      assertThat(condition.describe()).isNotBlank();
    }
  }

  @Test
  void explanationsGiveTheSameAnswers() {
    for (int round = 0; round < 500; round++) {
      Generator generator = new Generator(SEED + round, NOW);
      Person person = generator.person();
      CompiledCondition compiled = CompiledCondition.of(generator.condition(3));
      Facts facts = person.kept(compiled, Values.micros(NOW));
      Evaluation evaluation = compiled.evaluate(facts, NOW);
      Explanation explanation = compiled.explain(facts, NOW);
      assertThat(new Evaluation(explanation.matches(), explanation.nextFlip()))
          .as("seed " + (SEED + round))
          .isEqualTo(evaluation);
      assertThat(explanation.condition()).isEqualTo(compiled.condition().describe());
    }
  }
}
