package io.tributary.ingestion.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Lines of JSON, each of which costs no other one. */
class NdjsonRowsTest {
  private static List<Row> rows(byte[] bytes) throws Exception {
    List<Row> all = new ArrayList<>();
    try (NdjsonRows rows = new NdjsonRows(new ByteArrayInputStream(bytes))) {
      for (Row row = rows.next(); row != null; row = rows.next()) {
        all.add(row);
      }
    }
    return all;
  }

  @Test
  void eachLineIsItsOwn() throws Exception {
    String text =
        "\uFEFF{\"a\":1.50}\n\n  \r\n[1]\n{\"a\":}\n{} {}\n{\"long\":\""
            + "x".repeat(100_000)
            + "\"}\n{\"b\":\"ö\"}";
    List<Row> rows = rows(text.getBytes(StandardCharsets.UTF_8));
    assertThat(rows.stream().map(row -> row.flaw() == null ? "" : row.flaw().code()))
        .containsExactly("", "not_an_object", "invalid_json", "invalid_json", "line_too_long", "");
    assertThat(rows.stream().map(Row::line)).containsExactly(1L, 4L, 5L, 6L, 7L, 8L);
    assertThat(Objects.requireNonNull(rows.getFirst().fields()).toString())
        .isEqualTo("{\"a\":1.50}");
    assertThat(rows.get(2).text()).isEqualTo("{\"a\":}");
  }

  @Test
  void bytesThatAreNotUtf8CostTheirLineOnly() throws Exception {
    byte[] bytes = "{\"a\":\"M\u00fcller\"}\n{}\n".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(rows(bytes).stream().map(row -> row.flaw() == null ? "" : row.flaw().code()))
        .containsExactly("invalid_encoding", "");
  }
}
