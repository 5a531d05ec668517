package io.tributary.conditions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is read, what is refused, and with which words. */
class ConditionParserTest {

  private static final JsonMapper MAPPER = JsonMapper.shared();

  static Condition valid(String json) {
    return switch (ConditionParser.parse(json.getBytes(StandardCharsets.UTF_8))) {
      case Parsed.Valid(Condition condition) -> condition;
      case Parsed.Invalid(List<Problem> problems) ->
          throw new AssertionError(json + ": " + problems);
    };
  }

  private static List<Problem> problems(String json) {
    return switch (ConditionParser.parse(json.getBytes(StandardCharsets.UTF_8))) {
      case Parsed.Valid valid -> throw new AssertionError(json + " was read as " + valid);
      case Parsed.Invalid(List<Problem> problems) -> problems;
    };
  }

  static Stream<JsonNode> samples() {
    try (Stream<Path> files =
        Files.list(
            Path.of(
                Objects.requireNonNull(ConditionParserTest.class.getResource("/conditions"))
                    .toURI()))) {
      return files.sorted().map(file -> MAPPER.readTree(file.toFile())).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * A sample holds a condition and either how it is described and printed, or its problems' paths
   * and codes.
   */
  @ParameterizedTest(name = "{0}")
  @MethodSource("samples")
  void samplesAreReadAsTheySay(JsonNode sample) {
    Parsed parsed = ConditionParser.parse(sample.required("condition"));
    switch (parsed) {
      case Parsed.Valid(Condition condition) -> {
        assertThat(condition.describe()).isEqualTo(sample.required("description").stringValue());
        JsonNode printed = sample.has("printed") ? sample.get("printed") : sample.get("condition");
        assertThat(MAPPER.readTree(ConditionPrinter.json(condition))).isEqualTo(printed);
        assertThat(ConditionParser.parse(ConditionPrinter.print(condition))).isEqualTo(parsed);
      }
      case Parsed.Invalid(List<Problem> problems) -> {
        assertThat(sample.has("problems")).as(problems.toString()).isTrue();
        assertThat(problems.stream().map(each -> each.path() + " " + each.code()))
            .containsExactlyElementsOf(
                sample.get("problems").valueStream().map(JsonNode::stringValue).toList());
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          {                                                                       | malformed_json         | `well-formed JSON`
          {"type":"not","type":"not"}                                             | malformed_json         | each key once
          {} {}                                                                   | malformed_json         | one well-formed
          []                                                                      | wrong_type             | not an array
          null                                                                    | wrong_type             | a JSON object
          {}                                                                      | missing_key            | "type"
          {"type":"adn","conditions":[]}                                          | unknown_type           | Did you mean "and"?
          {"type":"and","conditions":[]}                                          | empty                  | at least one
          {"type":"or"}                                                           | missing_key            | "conditions"
          {"type":"trait","trait":" ","operator":"exists"}                        | blank                  | Fill in
          {"type":"trait","trait":"a..b","operator":"exists"}                     | bad_path               | empty part
          {"type":"trait","trait":"a.-1","operator":"exists"}                     | bad_path               | positions as 0, 1, 2
          {"type":"trait","trait":"a","operator":"eqals","value":1}               | unknown_operator       | Did you mean "equals"?
          {"type":"trait","trait":"a","operator":"Greater-Than","value":1}        | unknown_operator       | Did you mean "greater_than"?
          {"type":"trait","trait":"a","operator":"equals","value":""}             | blank                  | Fill in
          {"type":"trait","trait":"a","operator":"equals","value":{}}             | wrong_type             | not an object
          {"type":"trait","trait":"a","operator":"equals","values":["x"],"value":"x"} | unknown_key        | Did you mean "value"?
          {"type":"trait","trait":"a","operator":"equals","value":1e99}           | out_of_range           | 30 digits
          {"type":"trait","trait":"a","operator":"equals","value":1e999999999}    | out_of_range           | 30 digits
          {"type":"trait","trait":"a","operator":"equals","value":"a\\u0000b"}    | bad_text               | NUL
          {"type":"trait","trait":"a","operator":"equals","value":"a\\ud800b"}    | bad_text               | surrogate
          {"type":"trait","trait":"a","operator":"in","values":[]}                | out_of_range           | 1 to 500
          {"type":"trait","trait":"a","operator":"in","values":["x"," "]}         | blank                  | Fill in
          {"type":"trait","trait":"a","operator":"at_least","value":"ten"}        | wrong_type             | such as 10
          {"type":"trait","trait":"a","operator":"before","value":"tomorrow"}     | bad_date               | "2026-01-31"
          {"type":"trait","trait":"a","operator":"before","value":"2026-02-30"}   | bad_date               | "2026-01-31"
          {"type":"trait","trait":"a","operator":"within_last"}                   | bad_window             | "days": 30
          {"type":"trait","trait":"a","operator":"within_last","days":0}          | out_of_range           | from 1 to 1096
          {"type":"trait","trait":"a","operator":"within_last","days":1.5}        | out_of_range           | whole number
          {"type":"trait","trait":"a","operator":"within_last","within":{"weeks":1}} | unknown_key         | days, hours
          {"type":"event","event":"X"}                                            | missing_key            | "performed"
          {"type":"event","performed":true}                                       | missing_key            | "eventType"
          {"type":"event","eventType":"pgae","performed":true}                    | unknown_event_type     | Did you mean "page"?
          {"type":"event","eventType":"identify","name":"X","performed":true}     | unknown_key            | have none
          {"type":"event","event":"X","performed":true,"within":{"days":1097}}    | out_of_range           | 1 to 1096
          {"type":"event","event":"X","performed":true,"within":{"days":1,"hours":1}} | bad_window         | one unit
          {"type":"event","event":"X","performed":true,"within":null}             | wrong_type             | a JSON object
          {"type":"event","event":"X","performed":false,"count":{"operator":"at_least","value":1}} | conflicting_count | Remove "count"
          {"type":"event","event":"X","count":{"operator":"at_least","value":-1}} | out_of_range           | from 1 to 1000
          {"type":"event","event":"X","count":{"operator":"at_most","value":2}}   | include_never_required | never did it
          {"type":"event","event":"X","count":{"operator":"fewer_than","value":2}} | include_never_required | never did it
          {"type":"event","event":"X","count":{"operator":"exactly","value":0}}   | include_never_required | never did it
          {"type":"event","event":"X","count":{"operator":"at_least","value":1,"includeNever":true}} | include_never_impossible | at_least 1
          {"type":"event","event":"X","count":{"operator":"atleast","value":1}}   | unknown_operator       | Did you mean "at_least"?
          {"type":"event","event":"X","performed":true,"where":[{"property":"d","operator":"within_last","days":3}]} | window_in_where | before or after
          {"type":"event","event":"X","performed":true,"where":{}}                | wrong_type             | array of filters
          {"type":"segment","segmentId":"vip","member":true}                      | bad_segment_id         | begins with "seg_"
          {"type":"segment","segmentId":"seg_vip","member":"yes"}                 | wrong_type             | true or false
          """)
  void eachProblemSaysWhatToDo(String json, String code, String words) {
    List<Problem> problems = problems(json);
    assertThat(problems)
        .anySatisfy(problem -> {
          assertThat(problem.code()).isEqualTo(code);
          assertThat(problem.message())
              .contains(words)
              .endsWith(problem.message().endsWith("?") ? "?" : ".");
        });
  }

  @Test
  void depthIsBounded() {
    assertThat(valid("{\"type\":\"not\",\"condition\":".repeat(9) + leaf("a") + "}".repeat(9)))
        .isInstanceOf(Not.class);
    assertThat(problems("{\"type\":\"not\",\"condition\":".repeat(10) + leaf("a") + "}".repeat(10)))
        .containsExactly(
            new Problem(
                "/condition".repeat(10),
                "too_deep",
                "Flatten the condition: it may be nested 10 levels deep."));
  }

  @Test
  void theNumberOfPartsIsBounded() {
    assertThat(valid(and(199))).isInstanceOf(And.class);
    assertThat(problems(and(200))).extracting(Problem::code).containsExactly("too_large");
    assertThat(problems(and(100_000))).extracting(Problem::code).containsExactly("too_large");
  }

  @Test
  void theReadmesExamplesAreConditions() throws IOException {
    List<String> examples =
        Pattern.compile("```json\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("README.md")))
            .results()
            .map(found -> found.group(1))
            .toList();
    assertThat(examples).hasSize(4).allSatisfy(example -> assertThat(valid(example)).isNotNull());
  }

  @Test
  void whatJsonItselfRefusesIsOneProblem() {
    assertThat(problems("[".repeat(100_000)))
        .extracting(Problem::code)
        .containsExactly("malformed_json");
    assertThat(problems("{\"type\":" + "9".repeat(5000) + "}"))
        .extracting(Problem::code)
        .containsExactly("malformed_json");
  }

  @Test
  void brokenUtf8IsMalformedAndNothingWorse() {
    byte[] bytes = {'{', '"', (byte) 0xff, (byte) 0xc0, '"', ':', '1', '}'};
    assertThat(ConditionParser.parse(bytes)).isInstanceOf(Parsed.Invalid.class);
    assertThat(ConditionParser.parse(new byte[0])).isInstanceOf(Parsed.Invalid.class);
  }

  private static String and(int parts) {
    String leaves = (leaf("a") + ",").repeat(parts);
    return "{\"type\":\"and\",\"conditions\":[" + leaves.substring(0, leaves.length() - 1) + "]}";
  }

  private static String leaf(String trait) {
    return "{\"type\":\"trait\",\"trait\":\"" + trait + "\",\"operator\":\"exists\"}";
  }
}
