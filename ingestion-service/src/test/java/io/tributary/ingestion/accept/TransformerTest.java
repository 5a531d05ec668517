package io.tributary.ingestion.accept;

import static io.tributary.ingestion.accept.AcceptCases.draft;
import static io.tributary.ingestion.accept.AcceptCases.json;
import static io.tributary.ingestion.accept.AcceptCases.judge;
import static io.tributary.ingestion.accept.AcceptCases.reasons;
import static io.tributary.ingestion.accept.AcceptCases.refused;
import static io.tributary.ingestion.accept.AcceptCases.stored;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.EventType;
import io.tributary.event.Json;
import io.tributary.ingestion.plan.Plans;
import io.tributary.ingestion.transform.Transformations;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Events whose source has a transformation: what is judged, what is kept, what isn't. */
class TransformerTest {
  private static final String SECRET = "4111-secret-1111";

  private static Source source(String steps) {
    return new Source("ws_1", "src_1", true).transformedBy(Transformations.of(steps));
  }

  private static List<Verdict> batch(String body, Source source) {
    return judge(json(body), Call.BATCH, source);
  }

  @Test
  void thePlanSeesWhatTheStepsLeave() {
    Source planned =
        new Source(
            "ws_1",
            "src_1",
            false,
            false,
            Plans.plan(
                "{'event':'Order','schema':{'properties':{'total':{'type':'number'}}},"
                    + "'onViolation':'quarantine'}",
                "allow"),
            Transformations.of("{'op':'cast','path':'/properties/total','to':'number'}"));
    String event = "{'type':'track','userId':'u','event':'Order','properties':{'total':'%s'}}";
    JsonNode fine =
        stored(batch("{'batch':[" + event.formatted("12.50") + "]}", planned).getFirst());
    assertThat(fine.at("/properties/total").isNumber()).isTrue();
    assertThat(fine.at("/trackingPlan/id").asString()).isEqualTo("pln_1");
    assertThat(fine.at("/transformation").toString())
        .isEqualTo(
            "{\"version\":7,\"changed\":[{\"path\":\"/properties/total\",\"op\":\"cast\",\"was\":\"12.50\"}]}");
    Verdict.Rejected broken =
        refused(batch("{'batch':[" + event.formatted("much") + "]}", planned).getFirst());
    assertThat(reasons(broken)).containsExactly("plan_type properties.total");
    // As it came: with another transformation it may pass.
    assertThat(new String(broken.original(), StandardCharsets.UTF_8)).contains("much");
    assertThat(broken.transformed()).isFalse();
  }

  @Test
  void whatStandsAroundAnEventIsPartOfIt() {
    JsonNode event =
        stored(
            batch(
                    "{'sentAt':'2026-03-01T12:00:10Z','context':{'a':1,'library':{'name':'x'}},"
                        + "'integrations':{'All':true},'batch':[{'type':'page','userId':'u',"
                        + "'timestamp':'2026-03-01T11:00:10Z','context':{'b':2}}]}",
                    source(
                        "{'op':'remove','path':'/context/a'},"
                            + "{'op':'set','path':'/context/c','value':3}"))
                .getFirst());
    assertThat(event.get("context").toString())
        .isEqualTo("{\"library\":{\"name\":\"x\"},\"b\":2,\"ip\":\"203.0.113.9\",\"c\":3}");
    assertThat(event.get("integrations").toString()).isEqualTo("{\"All\":true}");
    // Corrected by the batch's sentAt: the sender's clock is ten seconds ahead.
    assertThat(event.get("timestamp").asString()).isEqualTo("2026-03-01T11:00:00Z");
  }

  @Test
  void aCallOfOneEventIsTransformedToo() {
    List<Verdict> verdicts =
        judge(
            json("{'userId':'u','traits':{'email':'ADA@EXAMPLE.COM'}}"),
            Call.of(EventType.IDENTIFY),
            source(
                "{'op':'standardize','path':'/traits/email','as':'email','types':['identify']}"));
    assertThat(stored(verdicts.getFirst()).at("/traits/email").asString())
        .isEqualTo("ada@example.com");
  }

  @Test
  void nobodyElseCanSayWhatWasDoneAndNumbersStayAsTheyAre() {
    Verdict verdict =
        batch(
                "{'batch':[{'type':'track','event':'E','userId':'u','transformation':'fake',"
                    + "'properties':{'n':12345678901234567890.125,'p':1.10}}]}",
                source("{'op':'remove','path':'/traits'}"))
            .getFirst();
    assertThat(new String(draft(verdict).encode(), StandardCharsets.UTF_8))
        .contains("\"properties\":{\"n\":12345678901234567890.125,\"p\":1.10}")
        .contains("\"transformation\":{\"version\":7}");
    JsonNode plain =
        stored(
            batch(
                    "{'batch':[{'type':'page','userId':'u','transformation':'fake'}]}",
                    new Source("ws_1", "src_1", false))
                .getFirst());
    assertThat(plain.has("transformation")).isFalse();
  }

  @Test
  void oneThatGrowsTooLargeIsRefusedAsItCame() {
    String value = "x".repeat(20_000);
    Verdict.Rejected verdict =
        refused(
            batch(
                    "{'batch':[{'type':'page','userId':'u','properties':{'a':'" + value + "'}}]}",
                    source(
                        "{'op':'compute','path':'/properties/b','expression':'event.properties.a'}"))
                .getFirst());
    assertThat(reasons(verdict)).containsExactly("event_too_large $");
    assertThat(verdict.original().length).isLessThan(21_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'op':'remove','path':'/properties/card'},{'op':'remove','path':'/context/card'}",
        "{'op':'mask','path':'/properties/card'},{'op':'mask','path':'/context/card'}",
        "{'op':'hash','path':'/properties/card'},{'op':'hash','path':'/context/card'}",
        "{'op':'refuse','path':'/properties/card'},{'op':'refuse','path':'/context/card'}",
        "{'op':'remove','path':'/properties/card','types':['track']},"
            + "{'op':'remove','path':'/context/card','events':['E']}",
        "{'op':'standardize','path':'/properties/card','as':'text'},"
            + "{'op':'move','from':'/properties/card','path':'/properties/x'},"
            + "{'op':'remove','path':'/properties/x'},{'op':'remove','path':'/context/card'}"
      })
  void whatIsTakenAwayIsKeptNowhere(String steps) {
    Source source = source(steps);
    for (String event :
        List.of(
            "{'type':'track','userId':'u','event':'E','properties':{'card':'%s'}}",
            "{'type':'track','userId':'u','event':'E','properties':{'card':{'no':['%s']}}}",
            "{'type':'track','userId':'u','properties':{'card':'%s'}}", // refused: has no event
            "{'type':'track','userId':'u','event':'E','timestamp':'soon','properties':{'card':'%s'}}",
            "{'type':'track','userId':'u','event':'E','context':{'card':'%s','t':'\\ud800'}}",
            "'%s'", // no event at all
            "{'type':'track','userId':'u','event':'E','x':'"
                + "y".repeat(33_000)
                + "','properties':{'card':'%s'}}")) {
      String shared = "{'context':{'card':'" + SECRET + "'},'batch':[" + event.formatted(SECRET);
      for (Verdict verdict : batch(shared + "]}", source)) {
        String kept =
            switch (verdict) {
              case Verdict.Accepted accepted -> stored(accepted).toString();
              case Verdict.Rejected rejected -> {
                assertThat(rejected.transformed()).isTrue();
                yield new String(rejected.original(), StandardCharsets.UTF_8) + rejected.reasons();
              }
            };
        assertThat(kept).as(event).doesNotContain(SECRET);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"page", "unknown"})
  void ofWhatIsBeyondTheLimitOfABatchIsKeptWhatTheStepsLeave(String type) {
    List<String> events = new ArrayList<>();
    for (int i = 0; i < 2_503; i++) {
      events.add(
          "{'type':'"
              + type
              + "','userId':'u','properties':{'n':"
              + i
              + ",'card':'"
              + SECRET
              + "'}}");
    }
    events.add("'" + SECRET + "'");
    List<Verdict> verdicts =
        batch(
            "{'context':{'a':1},'batch':[" + String.join(",", events) + "]}",
            source("{'op':'remove','path':'/properties/card'}"));
    Verdict.Rejected beyond = refused(verdicts.getLast());
    assertThat(beyond.transformed()).isTrue();
    JsonNode kept = Json.MAPPER.readTree(beyond.original());
    assertThat(kept).hasSize(4);
    assertThat(kept.get(2).toString())
        .isEqualTo(
            "{\"type\":\"%s\",\"userId\":\"u\",\"properties\":{\"n\":2502},\"context\":{\"a\":1}}"
                .formatted(type));
    assertThat(kept.toString()).doesNotContain(SECRET);
  }

  /** A transformation that changes nothing makes nothing else of any event. */
  @Test
  void withoutAnyChangeTheVerdictIsTheSame() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Source plain = new Source("ws_1", "src_1", true);
    Source transformed =
        source("{'op':'set','path':'/properties/never','value':1,'events':['Never']}");
    String[] parts = {
      "'userId':'u'",
      "'anonymousId':7",
      "'event':'E'",
      "'event':''",
      "'type':'track'",
      "'type':'identify'",
      "'type':'alias'",
      "'previousId':'p'",
      "'context':{'a':[1,{'b':null}]}",
      "'context':[]",
      "'context':'x'",
      "'traits':{'n':1.5e3,'big':123456789012345678901234567890}",
      "'properties':{'ü':'\\u00e4','e':{}}",
      "'timestamp':'2026-01-01'",
      "'timestamp':'never'",
      "'sentAt':1772366400000",
      "'messageId':'m'",
      "'messageId':''",
      "'integrations':{}",
      "'groupId':null",
      "'name':3",
      "'other':[true]"
    };
    for (int round = 0; round < 500; round++) {
      List<String> fields = new ArrayList<>();
      for (String part : parts) {
        if (random.nextInt(3) == 0) {
          fields.add(part);
        }
      }
      String around =
          random.nextBoolean() ? "'sentAt':'2026-03-01T12:00:01Z','context':{'shared':1}," : "";
      String body = "{" + around + "'batch':[{" + String.join(",", fields) + "}]}";
      Verdict expected = batch(body, plain).getFirst();
      Verdict actual = batch(body, transformed).getFirst();
      if (expected instanceof Verdict.Rejected rejected) {
        assertThat(reasons(actual)).as("seed %d: %s", seed, body).isEqualTo(reasons(rejected));
        assertThat(refused(actual).original()).isEqualTo(rejected.original());
      } else {
        tools.jackson.databind.node.ObjectNode without =
            (tools.jackson.databind.node.ObjectNode) stored(actual);
        assertThat(without.remove("transformation")).isNotNull();
        assertThat((Object) without).as("seed %d: %s", seed, body).isEqualTo(stored(expected));
      }
    }
  }
}
