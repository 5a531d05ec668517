package io.tributary.conditions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The statements as they are written; {@link AgreementTest} checks what they mean. */
class ConditionSqlTest {

  private static final Instant NOW = Instant.parse("2026-03-15T12:00:00.123456789Z");

  /** Set the system property to repeat a failed run. */
  private static final long SEED = Long.getLong("tributary.seed", System.nanoTime());

  @ParameterizedTest
  @ValueSource(strings = {"repeat-buyers", "lapsed", "vip-or-tagged"})
  void statementsAreWrittenAsBefore(String name) throws IOException {
    Condition condition = ConditionParserTest.valid(resource("/sql/" + name + ".json"));
    Sql sql = ConditionSql.compile(condition, "ws_1", NOW);
    String binds =
        String.join(
            "\n",
            sql.binds().stream()
                .map(each ->
                    each instanceof String[] texts ? List.of(texts).toString() : each.toString())
                .toList());
    assertThat(sql.text() + "\n-- binds\n" + binds + "\n")
        .isEqualTo(resource("/sql/" + name + ".sql"));
  }

  @Test
  void noTextOfAUserReachesTheStatement() throws SQLException {
    System.out.println("ConditionSqlTest seed: -Dtributary.seed=" + SEED);
    Random random = new Random(SEED);
    String harmless = ConditionSql.compile(condition("x", "y", "z"), "ws", NOW).text();
    try (ProfileTables tables = new ProfileTables()) {
      for (int i = 0; i < 300; i++) {
        Sql sql =
            ConditionSql.compile(
                condition(hostile(random), hostile(random), hostile(random)), hostile(random), NOW);
        assertThat(sql.text()).isEqualTo(harmless);
        assertThat(sql.text().chars().filter(c -> c == '?').count()).isEqualTo(sql.binds().size());
        assertThat(tables.ids(sql)).isEqualTo(Set.of());
      }
    }
  }

  /** Uses each text in each place that takes one. */
  private static Condition condition(String path, String name, String value) {
    Literal literal = new Literal.Text(value);
    return And.of(
        new TraitCondition(path, new ValueTest.Equals(literal, false)),
        new TraitCondition(path, new ValueTest.In(List.of(literal), true)),
        new TraitCondition(path, new ValueTest.Contains(literal, false)),
        new EventCondition(
            new EventPattern(
                EventType.TRACK,
                name,
                List.of(new PropertyFilter(path, new ValueTest.Contains(literal, true)))),
            new EventCount(EventCount.Operator.EXACTLY, 2, false),
            Duration.ofDays(3)));
  }

  private static String hostile(Random random) {
    String alphabet = "'\"\\;-?$:{}[](),%_*/ \n\tdroptable1=|&\u00e4\u2028\uFFFD";
    StringBuilder text = new StringBuilder("q");
    for (int i = random.nextInt(30); i >= 0; i--) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }

  private static String resource(String name) throws IOException {
    try (InputStream stream = ConditionSqlTest.class.getResourceAsStream(name)) {
      return new String(
          Objects.requireNonNull(stream, name).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
