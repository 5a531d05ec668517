package io.tributary.segment.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.Json;
import io.tributary.event.ProfileId;
import io.tributary.segment.store.SegmentReader;
import io.tributary.web.CsvCell;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemberLinesTest {
  private static final ProfileId ANN = ProfileId.parse("prf_" + "0".repeat(31) + "1");
  private static final SegmentReader.Member MEMBER =
      new SegmentReader.Member(ANN, Instant.parse("2026-03-01T12:00:00Z"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "=1+1|'=1+1",
        "@cmd|'@cmd",
        "-2+3|'-2+3",
        "a,b|\"a,b\"",
        "say \"hi\"|\"say \"\"hi\"\"\"",
        "plain|plain"
      })
  void aTextIsNoFormulaAndKeepsItsCell(String text, String cell) {
    assertThat(CsvCell.of(text)).isEqualTo(cell);
  }

  @Test
  void aNegativeNumberStaysANumberAndAMissingTraitIsEmpty() {
    assertThat(
            MemberLines.csv(
                MEMBER, List.of("balance", "none"), Json.MAPPER.readTree("{\"balance\":-5}")))
        .isEqualTo(ANN + ",2026-03-01T12:00:00Z,-5,\r\n");
  }

  @Test
  void aPointerBecomesAPath() {
    assertThat(ConditionBody.path("/conditions/0/value")).isEqualTo(".conditions[0].value");
    assertThat(ConditionBody.path("")).isEmpty();
  }
}
