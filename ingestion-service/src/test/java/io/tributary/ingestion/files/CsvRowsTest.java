package io.tributary.ingestion.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Files as people have them: with marks, quotes, gaps, and bytes of another encoding. */
class CsvRowsTest {
  private static List<Row> rows(byte[] bytes, char separator, Charset charset) throws Exception {
    List<Row> all = new ArrayList<>();
    try (CsvRows rows = new CsvRows(new ByteArrayInputStream(bytes), separator, charset)) {
      for (Row row = rows.next(); row != null; row = rows.next()) {
        all.add(row);
      }
    }
    return all;
  }

  private static List<Row> rows(String text) throws Exception {
    return rows(text.getBytes(StandardCharsets.UTF_8), ',', StandardCharsets.UTF_8);
  }

  private static ObjectNode fields(Row row) {
    return Objects.requireNonNull(row.fields(), () -> row.toString());
  }

  private static String code(Row row) {
    return row.flaw() == null ? "" : row.flaw().code();
  }

  @Test
  void aRowHasTheNamesOfTheFirstLineAndTextsAsTheyAre() throws Exception {
    List<Row> rows =
        rows(
            """
            \uFEFFid, name ,
            1,"Doe, Jo ""J""\nsecond line",=1+1

            2,Ö,
            """);
    assertThat(rows).hasSize(2);
    assertThat(fields(rows.get(0)).toString())
        .isEqualTo(
            "{\"id\":\"1\",\"name\":\"Doe, Jo \\\"J\\\"\\nsecond line\",\"column_3\":\"=1+1\"}");
    assertThat(rows.get(0).line()).isEqualTo(2);
    assertThat(fields(rows.get(1)).path("name").asString()).isEqualTo("Ö");
    assertThat(rows.get(1).line()).isEqualTo(5);
  }

  @Test
  void aRaggedRowCostsItselfOnly() throws Exception {
    List<Row> rows = rows("a,b\n1\n1,2\n1,2,3\n3,4\n");
    assertThat(rows.stream().map(CsvRowsTest::code))
        .containsExactly("wrong_field_count", "", "wrong_field_count", "");
    assertThat(rows.get(2).text()).isEqualTo("1,2,3");
  }

  @Test
  void bytesOfAnotherEncodingCostTheirRowOnly() throws Exception {
    byte[] mixed = "a,b\n1,M\u00fcller\n2,fine\n".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(rows(mixed, ',', StandardCharsets.UTF_8).stream().map(CsvRowsTest::code))
        .containsExactly("invalid_encoding", "");
    List<Row> told = rows(mixed, ',', Charset.forName("windows-1252"));
    assertThat(fields(told.get(0)).path("b").asString()).isEqualTo("Müller");
  }

  @Test
  void otherSeparatorsAndUtf16AreRead() throws Exception {
    List<Row> rows =
        rows("a;b\n1,5;\"x;y\"\n".getBytes(StandardCharsets.UTF_16), ';', StandardCharsets.UTF_16);
    assertThat(fields(rows.getFirst()).toString()).isEqualTo("{\"a\":\"1,5\",\"b\":\"x;y\"}");
  }

  @Test
  void aHeaderThatNamesAColumnTwiceSaysWhichOnes() {
    assertThatThrownBy(() -> rows("a,b,a\n1,2,3\n"))
        .isInstanceOf(UnreadableFileException.class)
        .hasMessageContaining("Columns 1 and 3");
    String wide = String.join(",", IntStream.range(0, 501).mapToObj(i -> "c" + i).toList()) + "\n";
    assertThatThrownBy(() -> rows(wide))
        .isInstanceOf(UnreadableFileException.class)
        .hasMessageContaining("501 columns");
  }

  @Test
  void aQuoteThatIsNeverClosedEndsTheFileWhereItStands() {
    String text = "a,b\n1,2\n3,\"open\n" + "4,5\n".repeat(400_000);
    assertThatThrownBy(() -> rows(text))
        .isInstanceOf(UnreadableFileException.class)
        .hasMessageContaining("After line 2")
        .hasMessageContaining("quote");
  }

  /** A gigabyte in one line, which would not fit into the tests' heap. */
  @Test
  void aLineWithoutEndTakesNoMemory() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            java.util.Arrays.fill(target, offset, offset + length, (byte) 'x');
            return length;
          }
        };
    InputStream file =
        new SequenceInputStream(
            Collections.enumeration(
                List.of(
                    new ByteArrayInputStream("a,b\n".getBytes(StandardCharsets.UTF_8)), endless)));
    assertThatThrownBy(
            () -> {
              try (CsvRows rows = new CsvRows(file, ',', StandardCharsets.UTF_8)) {
                rows.next();
              }
            })
        .isInstanceOf(UnreadableFileException.class);
  }

  @Test
  void aRowCanBeWrittenAgain() throws IOException, UnreadableFileException {
    byte[] bytes = "a;b\n\"x;y\";2\n".getBytes(StandardCharsets.UTF_8);
    try (CsvRows rows = new CsvRows(new ByteArrayInputStream(bytes), ';', StandardCharsets.UTF_8)) {
      Row row = Objects.requireNonNull(rows.next());
      assertThat(rows.text(row)).isEqualTo("\"x;y\";2");
    }
  }

  @Test
  void nothingBehindTheHeaderIsNoRow() throws Exception {
    assertThat(rows("a,b\n")).isEmpty();
    assertThat(rows("")).isEmpty();
  }
}
