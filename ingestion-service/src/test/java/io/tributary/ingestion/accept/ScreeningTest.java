package io.tributary.ingestion.accept;

import static io.tributary.ingestion.accept.AcceptCases.accepted;
import static io.tributary.ingestion.accept.AcceptCases.batch;
import static io.tributary.ingestion.accept.AcceptCases.json;
import static io.tributary.ingestion.accept.AcceptCases.judge;
import static io.tributary.ingestion.accept.AcceptCases.reasons;
import static io.tributary.ingestion.accept.AcceptCases.refused;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Flawed texts, names and numbers cost their own event only. */
class ScreeningTest {
  private static final String GOOD = "{'type':'track','event':'A','userId':'u'}";

  private static String withProperty(String value) {
    return "{'type':'track','event':'A','userId':'u','properties':{'list':[0,{'x':"
        + value
        + "}]}}";
  }

  private static void refusesOnly(String value, String code) {
    List<Verdict> verdicts =
        batch("{'batch':[" + GOOD + "," + withProperty(value) + "," + GOOD + "]}");
    assertThat(verdicts.get(0)).isInstanceOf(Verdict.Accepted.class);
    assertThat(reasons(verdicts.get(1))).containsExactly(code + " properties.list[1].x");
    assertThat(verdicts.get(2)).isInstanceOf(Verdict.Accepted.class);
    assertThat(refused(verdicts.get(1)).original()).isEqualTo(json(withProperty(value)));
  }

  @ParameterizedTest
  @CsvSource({
    "'\"a\\u0000b\"', nul_character",
    "'\"\\ud83d\"', lone_surrogate",
    "'\"\\ud83d\\u0041\"', lone_surrogate",
    "'\"\\ude00\"', lone_surrogate",
    "'\"\\ude00\\ud83d\"', lone_surrogate",
    "1e400, number_out_of_range",
    "-1E-999999999999, number_out_of_range",
  })
  void whatCannotBeStoredIsRefusedWithItsPath(String value, String code) {
    if (value.contains("\\ude00\\ud83d")) {
      assertThat(reasons(withProperty(value)))
          .containsOnly("lone_surrogate properties.list[1].x")
          .hasSize(2);
    } else {
      refusesOnly(value, code);
    }
  }

  @Test
  void rawControlCharactersAreRefused() {
    refusesOnly("'a\u0000b'", "nul_character");
    refusesOnly("'a\nb'", "control_character");
    refusesOnly("'a\u0001b'", "control_character");
  }

  @Test
  void aNumberOfTooManyDigitsIsRefused() {
    refusesOnly("1".repeat(101), "number_out_of_range");
    refusesOnly("0." + "1".repeat(5000), "number_out_of_range");
    List<Verdict> verdicts =
        batch("{'batch':[" + GOOD + "," + withProperty("1".repeat(100_000)) + "]}");
    assertThat(verdicts.get(0)).isInstanceOf(Verdict.Accepted.class);
    assertThat(reasons(verdicts.get(1)))
        .containsExactly("number_out_of_range $", "event_too_large $");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'\\ud83d\\ude00'",
        "'\\\\u0000'",
        "'\\u0001'",
        "1e200",
        "-1.5E-200",
        "'😀 ä € \uffff'"
      })
  void whatCanBeStoredIsTaken(String value) {
    assertThat(accepted(withProperty(value)).has("properties")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\ud83d", "a\\ude00b", "\\ud83d\\u0041", "\\ude00\\ud83d"})
  void halfAPairInANameCostsItsEventOnly(String name) {
    String top = "{'type':'track','event':'A','userId':'u','" + name + "' : 1}";
    List<Verdict> verdicts =
        batch(
            "{'"
                + name
                + "':1,'batch':["
                + GOOD
                + ","
                + top
                + ","
                + withProperty("{'" + name + "':1}")
                + ","
                + GOOD
                + "]}");
    assertThat(verdicts.get(0)).isInstanceOf(Verdict.Accepted.class);
    for (int i : List.of(1, 2)) {
      assertThat(refused(verdicts.get(i)).reasons().getFirst().code()).isEqualTo("lone_surrogate");
    }
    assertThat(refused(verdicts.get(1)).original()).isEqualTo(json(top));
    assertThat(verdicts.get(3)).isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void whatIsTooLargeKeepsItsMessageIdWhereverThatStands() {
    String large =
        "{'type':'track','event':'A','userId':'u','properties':{'x':'"
            + "y".repeat(40_000)
            + "'},'messageId':'last'}";
    assertThat(refused(batch("{'batch':[" + large + "]}").getFirst()).messageId())
        .isEqualTo("last");
  }

  @Test
  void nestingIsBounded() {
    // The event, properties, the list and the object around it are 4 levels.
    accepted(withProperty("[".repeat(28) + "]".repeat(28)));
    for (int depth : List.of(29, 100, 100_000)) {
      String deep = withProperty("[".repeat(depth) + "'],}{'" + "]".repeat(depth));
      List<Verdict> verdicts = batch("{'batch':[" + GOOD + "," + deep + "," + GOOD + "]}");
      assertThat(refused(verdicts.get(1)).reasons().getFirst().code()).isEqualTo("too_deep");
      assertThat(verdicts.get(2)).isInstanceOf(Verdict.Accepted.class);
    }
  }

  @Test
  void namesAreBounded() {
    String fits = "{'type':'track','event':'A','userId':'u','" + "n".repeat(1000) + "':1}";
    String tooLong = "{'type':'track','event':'A','userId':'u','" + "n".repeat(1001) + "' : 1}";
    List<Verdict> verdicts = batch("{'batch':[" + fits + "," + tooLong + "," + GOOD + "]}");
    assertThat(verdicts.get(0)).isInstanceOf(Verdict.Accepted.class);
    assertThat(refused(verdicts.get(1)).reasons().getFirst().code()).isEqualTo("name_too_long");
    assertThat(verdicts.get(2)).isInstanceOf(Verdict.Accepted.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "80",
        "c0 80",
        "c1 bf",
        "e0 9f bf",
        "ed a0 80",
        "f0 8f bf bf",
        "f4 90 80 80",
        "f5",
        "ff",
        "c3",
        "e2 82",
        "f0 9f 98"
      })
  void brokenUtf8CostsItsEventOnly(String bytes) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(json("{'batch':[" + GOOD + ",{'type':'track','event':'A','userId':'"));
    for (String hex : bytes.split(" ")) {
      body.write(Integer.parseInt(hex, 16));
    }
    body.writeBytes(json("'}," + GOOD + "]}"));
    List<Verdict> verdicts = judge(body.toByteArray(), Call.BATCH, AcceptCases.SERVER);
    assertThat(verdicts.get(0)).isInstanceOf(Verdict.Accepted.class);
    assertThat(reasons(verdicts.get(1))).isNotEmpty().containsOnly("invalid_utf8 userId");
    assertThat(verdicts.get(2)).isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void aFlawInTheSharedContextRefusesEveryEventAndSaysWhere() {
    List<Verdict> verdicts =
        batch("{'context':{'a':'\\u0000'},'batch':[" + GOOD + "," + GOOD + "]}");
    assertThat(verdicts).hasSize(2);
    verdicts.forEach(v -> assertThat(reasons(v)).containsExactly("nul_character $.context"));
  }

  @Test
  void aByteOrderMarkIsSkippedAndOtherEncodingsAreNotGuessed() {
    byte[] plain = json("{'batch':[" + GOOD + "]}");
    byte[] marked = new byte[plain.length + 3];
    marked[0] = (byte) 0xef;
    marked[1] = (byte) 0xbb;
    marked[2] = (byte) 0xbf;
    System.arraycopy(plain, 0, marked, 3, plain.length);
    assertThat(judge(marked, Call.BATCH, AcceptCases.SERVER).getFirst())
        .isInstanceOf(Verdict.Accepted.class);
    byte[] wide = "{\"batch\":[]}".getBytes(java.nio.charset.StandardCharsets.UTF_16);
    assertThat(AcceptCases.illegible(wide, Call.BATCH).code()).isEqualTo("invalid_json");
    byte[] wideWithoutMark = "{\"batch\":[]}".getBytes(java.nio.charset.StandardCharsets.UTF_16LE);
    assertThat(AcceptCases.illegible(wideWithoutMark, Call.BATCH).code()).isEqualTo("invalid_json");
  }

  @Test
  void aThousandFlawsGiveABoundedNumberOfReasons() {
    assertThat(reasons(withProperty("'" + "\\u0000".repeat(1000) + "'"))).hasSize(20);
  }
}
