package io.tributary.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class PipelineChecksTest {

  @Test
  void nothingWaitingAndNothingQuarantinedIsWell() {
    assertThat(
            PipelineChecks.findings(
                json(
                    "{'stages':[{'stage':'identity','lag':2},{'stage':'profile','lag':3}],'problems':[]}")))
        .allMatch(Finding::well)
        .extracting(Finding::line)
        .anyMatch(line -> line.contains("5 records wait"));
  }

  @Test
  void aProblemIsSaidWithItsCureAndNotCalledWellAswell() {
    assertThat(
            PipelineChecks.findings(
                json(
                    "{'stages':[],'problems':[{'code':'quarantine_not_empty','message':'2 events wait.','whatToDo':'Read the reasons.'}]}")))
        .extracting(Finding::line)
        .containsExactly(
            "WRONG  Pipeline: 2 events wait. What to do: Read the reasons.",
            "ok     Lag: 0 records wait in all stages");
  }

  private static tools.jackson.databind.JsonNode json(String text) {
    return JsonMapper.builder().build().readTree(text.replace('\'', '"'));
  }
}
