package io.tributary.conditions;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.testing.Fuzz;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Any bytes are a condition, which then prints and compiles, or a list of problems. */
class ConditionFuzzTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @Test
  void anyBytesAreAConditionOrItsProblems() {
    Fuzz.run(
        "condition",
        input -> {
          switch (ConditionParser.parse(input)) {
            case Parsed.Invalid(var problems) -> assertThat(problems).isNotEmpty();
            case Parsed.Valid(Condition condition) -> {
              String json = ConditionPrinter.json(condition);
              assertThat(ConditionParser.parse(json.getBytes(StandardCharsets.UTF_8)))
                  .isEqualTo(new Parsed.Valid(condition));
              assertThat(condition.describe()).isNotBlank();
              Sql sql = ConditionSql.compile(condition, "ws_1", NOW);
              // Our own statements are plain ASCII without a semicolon or a comment.
              assertThat(sql.text()).matches("[\\x20-\\x7e\\n&&[^;]]*").doesNotContain("--", "/*");
              assertThat(sql.text().chars().filter(c -> c == '?').count())
                  .isEqualTo(sql.binds().size());
            }
          }
        });
  }
}
