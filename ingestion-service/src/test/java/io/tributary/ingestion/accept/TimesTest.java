package io.tributary.ingestion.accept;

import static io.tributary.ingestion.accept.AcceptCases.NOW;
import static io.tributary.ingestion.accept.AcceptCases.accepted;
import static io.tributary.ingestion.accept.AcceptCases.batch;
import static io.tributary.ingestion.accept.AcceptCases.reasons;
import static io.tributary.ingestion.accept.AcceptCases.stored;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2026-01-02T03:04:05.678Z        | 2026-01-02T03:04:05.678Z",
        "2026-01-02T03:04:05Z            | 2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.123456789Z  | 2026-01-02T03:04:05.123456Z",
        "2026-01-02t03:04:05z            | 2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05+02:00       | 2026-01-02T01:04:05Z",
        "2026-01-02T03:04:05.5-0530      | 2026-01-02T08:34:05.500Z",
        "2026-01-02T03:04:05+02          | 2026-01-02T01:04:05Z",
        "2026-01-02 03:04:05 +0200       | 2026-01-02T01:04:05Z",
        "2026-01-02 03:04:05             | 2026-01-02T03:04:05Z",
        "2026-01-02T03:04                | 2026-01-02T03:04:00Z",
        "2026-01-02                      | 2026-01-02T00:00:00Z",
        "1767323045678                   | 2026-01-02T03:04:05.678Z",
        "1767323045                      | 2026-01-02T03:04:05Z",
      })
  void timesAreReadAsClientsWriteThem(String text, Instant expected) {
    assertThat(Times.parse(text, false)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "soon",
        "2026-13-01T00:00:00.000Z",
        "2026-02-30T00:00:00.000Z",
        "2026-01-02T25:00:00.000Z",
        "2026-01-02T03:04:05.67xZ",
        "12",
        "99999999999999999999",
        "+1000000000-01-01",
        "2026-01-02T"
      })
  void whatIsNoTimeIsRefused(String text) {
    assertThat(Times.parse(text, false)).isEmpty();
  }

  @Test
  void numbersAreMillisecondsOrSecondsSince1970() {
    assertThat(Times.parse("1767323045678", true))
        .contains(Instant.parse("2026-01-02T03:04:05.678Z"));
    assertThat(Times.parse("1.767323045678e12", true))
        .contains(Instant.parse("2026-01-02T03:04:05.678Z"));
    assertThat(Times.parse("1767323045", true)).contains(Instant.parse("2026-01-02T03:04:05Z"));
    assertThat(Times.parse("-5", true)).isEmpty();
    assertThat(Times.parse("1e200", true)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        // received 12:00; client's clock an hour ahead, event a minute before it was sent
        "2026-03-01T12:59:00Z, 2026-03-01T13:00:00Z, 2026-03-01T11:59:00Z",
        // an hour behind
        "2026-03-01T10:59:00Z, 2026-03-01T11:00:00Z, 2026-03-01T11:59:00Z",
        // history import: the past stays the past
        "2020-01-01T00:00:00Z, 2026-03-01T12:00:00Z, 2020-01-01T00:00:00Z",
        // only one of the two
        "2026-02-01T00:00:00Z, -, 2026-02-01T00:00:00Z",
        "-, 2026-03-01T13:00:00Z, 2026-03-01T12:00:00Z",
        "-, -, 2026-03-01T12:00:00Z",
        // a future clock never puts an event into the future
        "2030-01-01T00:00:00Z, -, 2026-03-01T12:00:00Z",
        "2030-01-01T00:00:00Z, 2026-03-01T12:00:00Z, 2026-03-01T12:00:00Z",
      })
  void theClientsClockIsCorrected(Instant original, Instant sentAt, Instant expected) {
    assertThat(Times.corrected(NOW, original, sentAt)).isEqualTo(expected);
  }

  @Test
  void theBatchsSentAtServesEventsWithoutOne() {
    var verdicts =
        batch(
            "{'batch':[{'type':'page','userId':'u','timestamp':'2026-03-01T12:59:00.000Z'},"
                + "{'type':'page','userId':'u','timestamp':'2026-03-01T12:59:00.000Z',"
                + "'sentAt':'2026-03-01T12:59:30.000Z'}],'sentAt':'2026-03-01T13:00:00.000Z'}");
    assertThat(stored(verdicts.get(0)).get("timestamp").asString())
        .isEqualTo("2026-03-01T11:59:00Z");
    assertThat(stored(verdicts.get(1)).get("timestamp").asString())
        .isEqualTo("2026-03-01T11:59:30Z");
  }

  @Test
  void originalTimestampServesWhereTimestampIsMissing() {
    assertThat(
            accepted("{'type':'page','userId':'u','originalTimestamp':'2026-02-01T00:00:00Z'}")
                .get("timestamp")
                .asString())
        .isEqualTo("2026-02-01T00:00:00Z");
  }

  @Test
  void anAbsurdClockIsRefusedInsteadOfGuessed() {
    assertThat(
            reasons(
                "{'type':'page','userId':'u','timestamp':'2026-03-01T12:00:00Z',"
                    + "'sentAt':'9999-01-01T00:00:00Z'}"))
        .containsExactly("timestamp_out_of_range timestamp");
  }

  @Test
  void aBadSentAtOfTheBatchIsToldToEachEvent() {
    assertThat(reasons(batch("{'sentAt':'x','batch':[{'type':'page','userId':'u'}]}").getFirst()))
        .containsExactly("invalid_time $.sentAt");
  }
}
