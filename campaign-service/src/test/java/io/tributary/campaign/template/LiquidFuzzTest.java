package io.tributary.campaign.template;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.campaign.template.LiquidTemplate.Compiled;
import io.tributary.testing.Fuzz;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Any text is a template or has problems; a template renders or says that it can't. */
class LiquidFuzzTest {
  private static final Map<String, Object> VALUES =
      Map.of(
          "profile",
          Map.of("name", "Ada <b>&", "age", 36, "tags", List.of("x", "y", "z")),
          "event",
          Map.of("properties", Map.of("total", 12.5, "when", "2026-03-01T10:00:00Z")));

  @Test
  void anyTextIsATemplateThatRendersWithinItsBoundsOrAProblem() {
    Fuzz.run(
        "liquid",
        input -> {
          String source = new String(input, StandardCharsets.UTF_8);
          for (Escaping escaping : Escaping.values()) {
            switch (LiquidTemplate.compile(source, escaping)) {
              case Compiled.Invalid(var problems) -> assertThat(problems).isNotEmpty();
              case Compiled.Valid(LiquidTemplate template) -> render(template);
            }
          }
        });
  }

  private static void render(LiquidTemplate template) {
    try {
      assertThat(template.render(new HashMap<>(VALUES))).isNotNull();
    } catch (RenderException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("Ada");
    }
  }
}
