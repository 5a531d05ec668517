package io.tributary.ingestion.accept;

import static io.tributary.ingestion.accept.AcceptCases.NOW;
import static io.tributary.ingestion.accept.AcceptCases.SERVER;
import static io.tributary.ingestion.accept.AcceptCases.WEB;
import static io.tributary.ingestion.accept.AcceptCases.accepted;
import static io.tributary.ingestion.accept.AcceptCases.batch;
import static io.tributary.ingestion.accept.AcceptCases.draft;
import static io.tributary.ingestion.accept.AcceptCases.illegible;
import static io.tributary.ingestion.accept.AcceptCases.json;
import static io.tributary.ingestion.accept.AcceptCases.judge;
import static io.tributary.ingestion.accept.AcceptCases.legible;
import static io.tributary.ingestion.accept.AcceptCases.reasons;
import static io.tributary.ingestion.accept.AcceptCases.refused;
import static io.tributary.ingestion.accept.AcceptCases.stored;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.EventType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class AcceptTest {
  private static final String TRACK = "{'type':'track','event':'A','userId':'u'}";

  @Test
  void anEventGoesToTheLogWithEverythingThatItCarried() {
    Verdict verdict =
        batch(
                "{'batch':[{'type':'track','event':'Order Completed','userId':'u1','anonymousId':'a1',"
                    + "'messageId':'m1','timestamp':'2026-03-01T11:59:00.000Z',"
                    + "'properties':{'total':12.50,'products':[{'id':1}]},'context':{'locale':'de'},"
                    + "'integrations':{'All':false,'Foo':{'x':1}},'_metadata':{'n':1},'version':2}]}")
            .getFirst();
    assertThat(new String(draft(verdict).encode(), StandardCharsets.UTF_8))
        .isEqualTo(
            new String(
                json(
                    "{'workspaceId':'ws_1','sourceId':'src_server','type':'track','messageId':'m1',"
                        + "'userId':'u1','anonymousId':'a1','event':'Order Completed',"
                        + "'timestamp':'2026-03-01T11:59:00Z',"
                        + "'originalTimestamp':'2026-03-01T11:59:00Z',"
                        + "'receivedAt':'2026-03-01T12:00:00Z',"
                        + "'properties':{'total':12.50,'products':[{'id':1}]},"
                        + "'context':{'locale':'de'},'integrations':{'All':false,'Foo':{'x':1}},"
                        + "'_metadata':{'n':1},'version':2}"),
                StandardCharsets.UTF_8));
  }

  @Test
  void numbersAndTextsArriveAsTheyWereWritten() {
    String text =
        new String(
            draft(
                    batch(
                            "{'batch':[{'type':'track','event':'A','userId':'u','properties':"
                                + "{'n':1.10,'big':123456789012345678901234567890,'e':1E+2,"
                                + "'s':'\\u00e4\\n'}}]}")
                        .getFirst())
                .encode(),
            StandardCharsets.UTF_8);
    assertThat(text)
        .contains(
            "\"n\":1.10,\"big\":123456789012345678901234567890,\"e\":1E+2,\"s\":\"\\u00e4\\n\"");
  }

  @Test
  void fieldsThatOnlyTheServerSetsAreNotTakenFromTheClient() {
    JsonNode event =
        accepted(
            "{'type':'track','event':'A','userId':'u','workspaceId':'ws_other','sourceId':'x',"
                + "'receivedAt':'1999-01-01T00:00:00Z','writeKey':'k'}");
    assertThat(event.get("workspaceId").asString()).isEqualTo("ws_1");
    assertThat(event.get("sourceId").asString()).isEqualTo("src_server");
    assertThat(event.get("receivedAt").asString()).isEqualTo(NOW.toString());
    assertThat(event.has("writeKey")).isFalse();
  }

  @Test
  void batchContextAndIntegrationsAreMergedAndTheEventsOwnValuesWin() {
    List<Verdict> verdicts =
        batch(
            "{'batch':["
                + TRACK
                + ",{'type':'track','event':'A','userId':'u','context':{'library':{'name':'own'}},"
                + "'integrations':{'Foo':true}}],"
                + "'context':{'library':{'name':'analytics-java','version':'3'},'instanceId':'i'},"
                + "'integrations':{'All':false,'Foo':false}}");
    assertThat(stored(verdicts.get(0)).get("context").toString())
        .isEqualTo(
            "{\"library\":{\"name\":\"analytics-java\",\"version\":\"3\"},\"instanceId\":\"i\"}");
    assertThat(stored(verdicts.get(1)).get("context").toString())
        .isEqualTo("{\"library\":{\"name\":\"own\"},\"instanceId\":\"i\"}");
    assertThat(stored(verdicts.get(1)).get("integrations").toString())
        .isEqualTo("{\"All\":false,\"Foo\":true}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "''", "'  '"})
  void anEmptyIdCountsAsAbsent(String id) {
    JsonNode event = accepted("{'type':'track','event':'A','userId':" + id + ",'anonymousId':'a'}");
    assertThat(event.has("userId")).isFalse();
    assertThat(reasons("{'type':'track','event':'A','userId':" + id + "}"))
        .containsExactly("no_user_anon_id userId");
  }

  @Test
  void numericIdsBecomeText() {
    JsonNode event = accepted("{'type':'identify','userId':12345678901234567890,'messageId':7}");
    assertThat(event.get("userId").asString()).isEqualTo("12345678901234567890");
    assertThat(event.get("messageId").asString()).isEqualTo("7");
  }

  @Test
  void aMissingMessageIdIsMade() {
    assertThat(accepted(TRACK).get("messageId").asString()).isEqualTo("made-1");
  }

  @ParameterizedTest
  @CsvSource({"99,true", "100,false"})
  void aMessageIdHasFewerThanAHundredCharacters(int length, boolean taken) {
    Verdict verdict =
        batch(
                "{'batch':[{'type':'track','event':'A','userId':'u','messageId':'"
                    + "m".repeat(length)
                    + "'}]}")
            .getFirst();
    assertThat(verdict instanceof Verdict.Accepted).isEqualTo(taken);
    if (!taken) {
      assertThat(reasons(verdict)).containsExactly("too_long messageId");
    }
  }

  @Test
  void eachCallNeedsItsOwnFields() {
    assertThat(reasons("{'type':'track','userId':'u'}")).containsExactly("required event");
    assertThat(reasons("{'type':'track','event':' '}"))
        .containsExactly("no_user_anon_id userId", "required event");
    assertThat(reasons("{'type':'identify','traits':{}}"))
        .containsExactly("no_user_anon_id userId");
    assertThat(reasons("{'type':'page','name':'Home'}")).containsExactly("no_user_anon_id userId");
    assertThat(reasons("{'type':'screen'}")).containsExactly("no_user_anon_id userId");
    assertThat(reasons("{'type':'group','userId':'u'}")).containsExactly("required groupId");
    assertThat(reasons("{'type':'alias','userId':'u'}")).containsExactly("required previousId");
    assertThat(reasons("{'type':'alias','previousId':'p'}")).containsExactly("required userId");
    assertThat(reasons("{'userId':'u'}")).containsExactly("required type");
    assertThat(reasons("{'type':'Track','userId':'u'}")).containsExactly("unknown_type type");
  }

  @Test
  void aGroupWithOnlyItsIdAndASelfAliasAreFine() {
    Verdict group = batch("{'batch':[{'type':'group','groupId':'g'}]}").getFirst();
    assertThat(((Verdict.Accepted) group).key()).isEqualTo("ws_1|g");
    assertThat(accepted("{'type':'alias','userId':'u','previousId':'u'}").get("userId").asString())
        .isEqualTo("u");
  }

  @Test
  void theKeyIsThePerson() {
    List<Verdict> verdicts =
        batch(
            "{'batch':[{'type':'page','userId':'u','anonymousId':'a'},"
                + "{'type':'page','anonymousId':'a'}]}");
    assertThat(verdicts)
        .extracting(v -> ((Verdict.Accepted) v).key())
        .containsExactly("ws_1|u", "ws_1|a");
  }

  @Test
  void allReasonsAreToldAtOnceWithTheirPaths() {
    assertThat(
            reasons(
                "{'type':'track','event':5,'userId':{},'timestamp':'soon','properties':'x',"
                    + "'traits':[1],'context':7,'integrations':true,'sentAt':[]}"))
        .containsExactlyInAnyOrder(
            "wrong_type event",
            "wrong_type userId",
            "invalid_time timestamp",
            "invalid_time sentAt",
            "wrong_type properties",
            "wrong_type traits",
            "wrong_type context",
            "wrong_type integrations");
  }

  @Test
  void anEmptyListIsAnEmptyObjectAsPhpWritesIt() {
    JsonNode event =
        accepted("{'type':'track','event':'A','userId':'u','properties':[ ],'context':[]}");
    assertThat(event.get("properties").toString()).isEqualTo("{}");
    assertThat(event.get("context").toString()).isEqualTo("{}");
  }

  @Test
  void oneBadEventAmongAHundredIsRefusedAlone() {
    String items =
        IntStream.range(0, 100)
            .mapToObj(i -> i == 41 ? "{'type':'track'}" : TRACK)
            .collect(Collectors.joining(","));
    List<Verdict> verdicts = batch("{'batch':[" + items + "]}");
    assertThat(verdicts).filteredOn(Verdict.Accepted.class::isInstance).hasSize(99);
    assertThat(new String(refused(verdicts.get(41)).original(), StandardCharsets.UTF_8))
        .isEqualTo("{\"type\":\"track\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "'x'", "null", "[]", "[{}]", "true"})
  void anItemThatIsNoObjectIsRefusedAlone(String item) {
    List<Verdict> verdicts = batch("{'batch':[" + item + "," + TRACK + "]}");
    assertThat(reasons(verdicts.get(0))).containsExactly("not_an_object $");
    assertThat(verdicts.get(1)).isInstanceOf(Verdict.Accepted.class);
    assertThat(refused(verdicts.get(0)).original()).isEqualTo(json(item));
  }

  @Test
  void anEventOfMoreThan32KilobytesIsRefusedAlone() {
    String large = "{'type':'track','event':'A','userId':'u','messageId':'m','properties':{'x':'";
    int room = 32 * 1024 - large.length() - 3;
    List<Verdict> verdicts =
        batch(
            "{'batch':["
                + large
                + "y".repeat(room)
                + "'}},"
                + large
                + "y".repeat(room + 1)
                + "'}},"
                + TRACK
                + "]}");
    assertThat(verdicts.get(0)).isInstanceOf(Verdict.Accepted.class);
    assertThat(reasons(verdicts.get(1))).containsExactly("event_too_large $");
    assertThat(refused(verdicts.get(1)).messageId()).isEqualTo("m");
    assertThat(verdicts.get(2)).isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void eventsBeyond2500AreRefusedTogetherAndTheOthersTaken() {
    String items = (TRACK + ",").repeat(2500) + "{'n':1}, {'n':2}";
    List<Verdict> verdicts = batch("{'batch':[" + items + "]}");
    assertThat(verdicts).hasSize(2501);
    assertThat(verdicts.subList(0, 2500)).allMatch(Verdict.Accepted.class::isInstance);
    assertThat(reasons(verdicts.getLast())).containsExactly("too_many_events $");
    assertThat(refused(verdicts.getLast()).original()).isEqualTo(json("[{'n':1}, {'n':2}]"));
  }

  @Test
  void theLastOfTwoFieldsWithOneNameCounts() {
    assertThat(
            accepted("{'type':'track','event':'A','userId':'u','userId':'v'}")
                .get("userId")
                .asString())
        .isEqualTo("v");
  }

  @Test
  void theEventsOfTwoListsAreAllTaken() {
    assertThat(batch("{'batch':[" + TRACK + "],'batch':[" + TRACK + "]}")).hasSize(2);
  }

  @Test
  void thePathSaysTheTypeOfASingleCall() {
    Verdict verdict =
        judge(json("{'type':'x','anonymousId':'a'}"), Call.of(EventType.PAGE), SERVER).getFirst();
    assertThat(draft(verdict).type()).isEqualTo(EventType.PAGE);
  }

  @Test
  void theAddressIsNotedForDevicesAndWhereTheSenderAsksForIt() {
    byte[] plain = json("{'event':'A','userId':'u','context':{'a':1}}");
    byte[] own = json("{'event':'A','userId':'u','context':{'ip':'192.0.2.1'}}");
    byte[] direct = json("{'event':'A','userId':'u','context':{'direct':true}}");
    Call track = Call.of(EventType.TRACK);
    assertThat(stored(judge(plain, track, WEB).getFirst()).at("/context").toString())
        .isEqualTo("{\"ip\":\"203.0.113.9\",\"a\":1}");
    assertThat(stored(judge(own, track, WEB).getFirst()).at("/context/ip").asString())
        .isEqualTo("192.0.2.1");
    assertThat(stored(judge(plain, track, SERVER).getFirst()).at("/context/ip").isMissingNode())
        .isTrue();
    assertThat(stored(judge(direct, track, SERVER).getFirst()).at("/context/ip").asString())
        .isEqualTo("203.0.113.9");
  }

  @Test
  void theKeyOfTheRequestStandsBesideTheBatchOrInEachEvent() {
    assertThat(legible(json("{'batch':[],'writeKey':'k'}"), Call.BATCH).writeKey()).contains("k");
    CollectRequest request =
        legible(json("{'batch':[{'writeKey':'a'},{'writeKey':'b'},{}]}"), Call.BATCH);
    assertThat(request.writeKey()).isEmpty();
    assertThat(request.eventKeys()).containsExactly("a", "b", "");
    assertThat(legible(json("{'writeKey':'k'}"), Call.of(EventType.PAGE)).writeKey()).contains("k");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'batch':[                | invalid_json",
        "{'batch':[]}}             | invalid_json",
        "{'batch':[]}{}            | invalid_json",
        "{'batch':[{'a':NaN}]}     | invalid_json",
        "{'batch':[{'a':01}]}      | invalid_json",
        "{'batch':[{'a':'\\x'}]}   | invalid_json",
        "{'batch':[{'a':1,}]}      | invalid_json",
        "\"text\"                  | not_an_object",
        "[]                        | not_an_object",
        "{}                        | batch_missing",
        "{'batch':{}}              | batch_missing",
        "<xml/>                    | invalid_json",
      })
  void whatIsNoJsonIsRefusedAsAWhole(String body, String code) {
    assertThat(illegible(json(body), Call.BATCH).code()).isEqualTo(code);
  }

  @Test
  void anEmptyBodyIsRefused() {
    assertThat(illegible(new byte[0], Call.BATCH).code()).isEqualTo("not_an_object");
  }

  @Test
  void aLargeSharedContextIsRefusedAsAWhole() {
    String context = "{'x':'" + "y".repeat(20_000) + "'}";
    Reading.Illegible refusal =
        illegible(json("{'batch':[" + TRACK + "],'context':" + context + "}"), Call.BATCH);
    assertThat(refusal.code()).isEqualTo("batch_field_too_large");
    assertThat(refusal.tooLarge()).isTrue();
  }

  @Test
  void aRefusedEventCanBeJudgedAgainWithWhatStoodAroundIt() {
    CollectRequest first =
        legible(
            json(
                "{'batch':[{'type':'track','userId':'u'}],'context':{'a':1},"
                    + "'sentAt':'2026-03-01T12:00:00Z'}"),
            Call.BATCH);
    byte[] again = first.envelope().request(json("{'type':'track','event':'Fixed','userId':'u'}"));
    JsonNode event = stored(judge(again, first.envelope().call(), SERVER).getFirst());
    assertThat(event.at("/context/a").asInt()).isEqualTo(1);
    assertThat(event.get("sentAt").asString()).isEqualTo("2026-03-01T12:00:00Z");
  }
}
