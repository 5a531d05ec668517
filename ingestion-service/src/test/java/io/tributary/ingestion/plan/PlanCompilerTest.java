package io.tributary.ingestion.plan;

import static io.tributary.ingestion.plan.Plans.compile;
import static io.tributary.ingestion.plan.Plans.plan;
import static io.tributary.ingestion.plan.Plans.schemaFaults;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.EventType;
import io.tributary.event.RawJson;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanCompilerTest {

  @Test
  void allThatIsWrongWithADocumentIsSaidAtOnce() {
    Compiled compiled =
        compile(
            "{'events':[{'event':'A','onViolation':'drop'},{'type':'alias'},{},null,"
                + "{'event':'A','type':'page'},{'event':' '},{'event':'B'},{'event':'B'},"
                + "{'type':'page'},{'type':'page'}],'unplannedEvents':'omit'}");
    assertThat(((Compiled.Invalid) compiled).faults())
        .extracting(fault -> fault.path() + " " + fault.code())
        .containsExactly(
            "events[0].onViolation invalid_value",
            "events[1].type invalid_value",
            "events[2] required",
            "events[3] required",
            "events[4] required",
            "events[5].event invalid",
            "events[7].event duplicate",
            "events[9].type duplicate",
            "unplannedEvents invalid_value");
    assertThat(((Compiled.Invalid) compile("{}")).faults())
        .extracting(Fault::path)
        .containsExactly("events");
  }

  @Test
  void aSchemaThatIsNoneIsRefusedWithAPointerToEachFault() {
    assertThat(
            schemaFaults(
                "{'type':'strang','required':'a','properties':{'a':{'minimum':'1'},'b':7},"
                    + "'additionalProperties':[]}"))
        .allSatisfy(fault -> assertThat(fault).endsWith(" invalid_schema"))
        .extracting(fault -> fault.split(" ")[0])
        .contains(
            "/type",
            "/required",
            "/properties/a/minimum",
            "/properties/b",
            "/additionalProperties");
    assertThat(schemaFaults("true")).containsExactly(" wrong_type");
    assertThat(schemaFaults("{'title':'" + "x".repeat(70_000) + "'}")).containsExactly(" too_long");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'$ref':'https://example.org/s.json'}|/$ref unknown_reference",
        "{'$ref':'file:///etc/passwd'}|/$ref unknown_reference",
        "{'$ref':'#/$defs/none'}|/$ref unknown_reference",
        "{'$ref':'#'}|/$ref unknown_reference",
        "{'properties':{'a':{'$ref':'http://169.254.169.254/'}}}|/properties/a/$ref unknown_reference",
        "{'$id':'https://example.org/s.json'}|/$id unknown_keyword",
        "{'properties':{'a':{'$dynamicRef':'#x'}}}|/properties/a/$dynamicRef unknown_keyword",
        "{'properties':{'a':{'requierd':['b']}}}|/properties/a/requierd unknown_keyword",
        "{'$schema':'http://json-schema.org/draft-07/schema#'}|/$schema not_supported",
        "{'properties':{'a':{'$defs':{}}}}|/properties/a/$defs not_supported",
        "{'$defs':{'a':{'properties':{'b':{'$ref':'#/$defs/a'}}}}}|/$defs/a/properties/b/$ref circular_reference",
        "{'properties':{'a':{'pattern':'(?=a)'}}}|/properties/a/pattern invalid_pattern",
        "{'properties':{'a':{'pattern':'(a)\\\\1'}}}|/properties/a/pattern invalid_pattern",
        "{'patternProperties':{'(':{}}}|/patternProperties/( invalid_pattern",
        "{'pattern':'(((a{1,99}){1,99}){1,99})'}|/pattern too_complex",
        "{'pattern':'((((a{99}){99}){99}){99}){99}'}|/pattern too_complex",
      })
  void whatWouldFetchOrNeverEndIsRefused(String schema, String fault) {
    assertThat(schemaFaults(schema)).containsExactly(fault);
  }

  /** Each definition refers to the next one twice: small as text, 2^30 parts in all. */
  @Test
  void aSchemaThatGrowsWhenItsReferencesAreFollowedIsRefusedAtOnce() {
    String chain =
        IntStream.range(0, 30)
            .mapToObj(i ->
                "'d%d':{'allOf':[{'$ref':'#/$defs/d%d'},{'$ref':'#/$defs/d%d'}]}"
                    .formatted(i, i + 1, i + 1))
            .collect(Collectors.joining(","));
    String schema = "{'$ref':'#/$defs/d0','$defs':{" + chain + ",'d30':{'type':'string'}}}";
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> assertThat(schemaFaults(schema)).containsExactly(" too_complex"));
  }

  /** Backtracking would take longer than the universe is old. */
  @Test
  void aPatternThatWouldBacktrackTakesTimeLinearInTheText() {
    Plan plan = plan("{'event':'E','schema':{'properties':{'a':{'pattern':'^(a+)+$'}}}}", "allow");
    RawJson hostile = RawJson.of("{\"a\":\"" + "a".repeat(30_000) + "!\"}");
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () ->
            assertThat(plan.check(EventType.TRACK, "E", hostile).orElseThrow().violations())
                .extracting(Violation::kind)
                .isEqualTo(List.of(Kind.PATTERN)));
  }

  @Test
  void whatIsAllowedOfReferencesWorks() {
    Plan plan =
        plan(
            "{'event':'E','schema':{'$schema':'https://json-schema.org/draft/2020-12/schema',"
                + "'properties':{'a':{'$ref':'#/$defs/money'},'b':{'$ref':'#/$defs/money'}},"
                + "'$defs':{'money':{'type':'number','minimum':0}}}}",
            "allow");
    assertThat(
            plan.check(EventType.TRACK, "E", RawJson.of("{\"a\":-1,\"b\":\"x\"}"))
                .orElseThrow()
                .violations())
        .extracting(violation -> violation.path() + " " + violation.kind().wire())
        .containsExactlyInAnyOrder("properties.a range", "properties.b type");
  }
}
