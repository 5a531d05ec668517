package io.tributary.ingestion.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.event.Json;
import io.tributary.ingestion.accept.Receipt;
import io.tributary.ingestion.accept.Source;
import io.tributary.web.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What rows become, and why some don't. */
class RowJudgeTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private static ImportDefinition definition(String mapping, boolean historical) {
    return Json.MAPPER
        .readValue(
            """
            {"name": "n", "source": "src_1", "format": {"type": "ndjson"}, "mapping": %s, "historical": %s}
            """
                .formatted(mapping.replace('\'', '"'), historical),
            ImportDefinition.class)
        .checked();
  }

  private static List<RowJudge.Judged> judged(String mapping, String... rows) {
    List<Row> all = new ArrayList<>();
    for (String row : rows) {
      String text = row.replace('\'', '"');
      all.add(
          Row.of(all.size() + 1L, text, text.length(), (ObjectNode) Json.MAPPER.readTree(text)));
    }
    return new RowJudge(
            definition(mapping, true).rowMapping(), true, new Source("ws_1", "src_1", false))
        .judge(all, Receipt.at(NOW, null));
  }

  private static JsonNode call(RowJudge.Judged judged) {
    assertThat(judged.reasons()).isEmpty();
    return Objects.requireNonNull(judged.call());
  }

  private static String id(RowJudge.Judged judged) {
    return call(judged).path("messageId").asString();
  }

  @Test
  void aRowOfTraitsBringsAllColumnsButThoseThatSayWhoAndWhen() {
    JsonNode call =
        call(
            judged(
                    "{'identify': {}, 'time': '/seen', 'person': {'userId': ['/id'], 'email': ['/mail']}}",
                    "{'id': '7', 'mail': 'Jo@Example.org', 'seen': '2025-01-02', 'plan': 'pro', 'empty': ' '}")
                .getFirst());
    assertThat(call.path("type").asString()).isEqualTo("identify");
    assertThat(call.path("traits").toString()).isEqualTo("{\"plan\":\"pro\"}");
    assertThat(call.at("/context/traits/email").asString()).isEqualTo("Jo@Example.org");
    assertThat(call.path("userId").asString()).isEqualTo("7");
    assertThat(call.path("timestamp").asString()).isEqualTo("2025-01-02");
    assertThat(call.path("historical").asBoolean(false)).isTrue();
  }

  @Test
  void aRowOfAnEventHasItsPropertiesInTheFormsThatAreSaid() {
    JsonNode call =
        call(
            judged(
                    """
                    {'track': 'Order Completed', 'id': ['/order'], 'person': {'email': ['/mail']},
                     'properties': {'revenue': {'path': '/total', 'as': 'number'}, 'order_id': '/order',
                                    'channel': {'constant': 'shop'}}}
                    """,
                    "{'order': 'A1', 'mail': 'jo@example.org', 'total': '19.90', 'rest': 'no'}")
                .getFirst());
    assertThat(call.path("event").asString()).isEqualTo("Order Completed");
    assertThat(call.path("properties").toString())
        .isEqualTo("{\"revenue\":19.90,\"order_id\":\"A1\",\"channel\":\"shop\"}");
    assertThat(call.path("messageId").asString()).isEqualTo("file:src_1:A1");
    assertThat(call.path("anonymousId").asString())
        .startsWith("file:")
        .doesNotContain("example.org");
  }

  @Test
  void rowsCanSayWhatTheyAre() {
    List<RowJudge.Judged> judged =
        judged(
            """
            {'type': ['/kind'], 'person': {'userId': ['/id']},
             'events': {'sale': {'track': 'Order Completed'}, 'person': {'identify': {'plan': '/plan'}}}}
            """,
            "{'kind': 'sale', 'id': '1', 'total': '5'}",
            "{'kind': 'person', 'id': '1', 'plan': 'pro'}",
            "{'kind': 'visit', 'id': '1', 'page': 'x'}");
    assertThat(judged.stream().map(each -> call(each).path("event").asString("")))
        .containsExactly("Order Completed", "", "visit");
    assertThat(call(judged.get(0)).path("properties").toString()).isEqualTo("{\"total\":\"5\"}");
    assertThat(call(judged.get(1)).path("traits").toString()).isEqualTo("{\"plan\":\"pro\"}");
    assertThat(call(judged.get(2)).path("properties").toString()).isEqualTo("{\"page\":\"x\"}");
  }

  @ParameterizedTest
  @CsvSource({
    "dd.MM.yyyy HH:mm, Europe/Berlin, 02.01.2025 13:30, 2025-01-02T12:30:00Z",
    "M/d/yyyy, , 1/2/2025, 2025-01-02T00:00:00Z",
    "d MMM yyyy, America/New_York, 2 Jan 2025, 2025-01-02T05:00:00Z",
    "yyyy-MM-dd HH:mm:ssXXX, Europe/Berlin, 2025-01-02 00:00:00-02:00, 2025-01-02T02:00:00Z",
  })
  void timesAreReadAsTheFileWritesThem(String format, String zone, String at, String instant) {
    ObjectNode mapping =
        (ObjectNode)
            Json.MAPPER.readTree(
                "{\"track\": \"X\", \"time\": \"/at\", \"person\": {\"userId\": [\"/id\"]}}");
    mapping.put("timeFormat", format);
    if (zone != null) {
      mapping.put("timeZone", zone);
    }
    String row = "{'id': '1', 'at': '" + at + "'}";
    assertThat(call(judged(mapping.toString(), row).getFirst()).path("timestamp").asString())
        .isEqualTo(instant);
  }

  @Test
  void aRowThatCannotBeAnEventSaysWhyAndCostsNoOther() {
    List<RowJudge.Judged> judged =
        judged(
            "{'track': 'X', 'time': '/at', 'timeFormat': 'dd.MM.yyyy', 'person': {'userId': ['/id']}}",
            "{'id': '1', 'at': '01.01.2025'}",
            "{'id': '', 'at': '01.01.2025'}",
            "{'id': '1', 'at': '31.02.20x5'}",
            "{'id': '1', 'text': '" + "x".repeat(40_000) + "'}",
            "{'id': '1', 'text': '" + "x".repeat(70_000) + "'}",
            "{'id': '1', 'a': '\\u0000', 'b': '\\ud800'}",
            "{'id': '2'}");
    assertThat(judged.stream().map(each -> each.reasons().stream().map(r -> r.code()).toList()))
        .containsExactly(
            List.of(),
            List.of("no_user_anon_id"),
            List.of("invalid_time"),
            List.of("event_too_large"),
            List.of("event_too_large"),
            judged.get(5).reasons().stream().map(r -> r.code()).toList(),
            List.of());
    assertThat(judged.get(5).isAccepted()).isFalse();
    assertThat(judged.get(2).reasons().getFirst().message()).contains("dd.MM.yyyy");
  }

  @Test
  void theSameRowIsTheSameEventAndAnotherOneIsNot() {
    String mapping = "{'identify': {}, 'person': {'userId': ['/id']}}";
    String other = "{'identify': {'p': '/plan'}, 'person': {'userId': ['/id']}}";
    List<RowJudge.Judged> first =
        judged(mapping, "{'id': '1', 'plan': 'a'}", "{'id': '1', 'plan': 'b'}");
    List<RowJudge.Judged> again =
        judged(mapping, "{'id': '2'}", "{'id': '1', 'plan': 'a'}", "{'id': '1', 'plan': 'b'}");
    assertThat(id(first.get(0))).isEqualTo(id(again.get(1))).isNotEqualTo(id(first.get(1)));
    assertThat(id(first.get(1))).isEqualTo(id(again.get(2)));
    assertThat(id(judged(other, "{'id': '1', 'plan': 'a'}").getFirst()))
        .as("a mapping that was mended counts")
        .isNotEqualTo(id(first.get(0)));
  }

  @Test
  void withoutAMappingALineIsACall() {
    List<RowJudge.Judged> judged =
        judged(
            "null",
            "{'type': 'track', 'event': 'A', 'userId': '1', 'messageId': 'm1'}",
            "{'type': 'page', 'userId': '1'}",
            "{'type': 'nothing', 'userId': '1'}");
    assertThat(id(judged.get(0))).isEqualTo("m1");
    assertThat(id(judged.get(1))).startsWith("file:").hasSizeLessThan(100);
    assertThat(judged.get(2).reasons().getFirst().code()).isEqualTo("unknown_type");
  }

  @Test
  void manyLargeRowsComeOutInTheirOrder() {
    String[] rows =
        IntStream.range(0, 300)
            .mapToObj(i -> "{'id': '" + i + "', 'text': '" + "x".repeat(20_000) + "'}")
            .toArray(String[]::new);
    List<RowJudge.Judged> judged = judged("{'track': 'X', 'person': {'userId': ['/id']}}", rows);
    assertThat(judged.stream().map(each -> call(each).path("userId").asString()))
        .containsExactlyElementsOf(IntStream.range(0, 300).mapToObj(String::valueOf).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | mapping.track | required",
        "{'track': 'X', 'identify': {}} | mapping.track | not_allowed",
        "{'identify': {}, 'properties': {'a': '/a'}} | mapping.properties | not_allowed",
        "{'track': 'X', 'events': {}} | mapping.events | not_allowed",
        "{'track': 'X', 'timeFormat': 'dd.MM.yyyy'} | mapping.time | required",
        "{'track': 'X', 'time': '/a', 'timeFormat': 'foo{'} | mapping.timeFormat | invalid_value",
        "{'track': 'X', 'time': '/a', 'timeZone': 'Mars'} | mapping.timeZone | invalid_value",
        "{'track': 'X', 'id': []} | mapping.id | required",
        "{'track': 'X', 'person': {'externalId': {'type': 'A B', 'id': ['/x']}}} | mapping.person.externalId.type | invalid",
        "{'track': 'X', 'nonsense': 1} | mapping.nonsense | unknown_key",
        "{'type': ['/k'], 'events': {'a': {'track': 'X', 'identify': {}}}} | mapping.events.a | invalid_value",
      })
  void aMappingThatMakesNoSenseIsRefusedByField(String mapping, String path, String code) {
    assertThatThrownBy(() -> definition(mapping, true))
        .isInstanceOfSatisfying(
            Problem.class,
            problem ->
                assertThat(problem.faults().stream().map(f -> f.path() + " " + f.code()))
                    .contains(path + " " + code));
  }
}
