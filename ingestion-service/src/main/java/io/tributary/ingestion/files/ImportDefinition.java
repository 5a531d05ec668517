package io.tributary.ingestion.files;

import io.swagger.v3.oas.annotations.media.Schema;
import io.tributary.ingestion.webhook.RowMapping;
import io.tributary.web.Faults;
import io.tributary.web.Problem;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What is to become of a file.
 *
 * @param name for people
 * @param source whose events its rows become, src_…
 * @param format how it's written
 * @param mapping what becomes of a row; for ndjson it can be left out: then each line is a call
 * @param historical whether its events start no campaign; true where nothing is said
 * @param rowsPerSecond how fast it may go, 1 to 1,000,000; as fast as it can where nothing is said
 */
record ImportDefinition(
    @Nullable String name,
    @Nullable String source,
    @Nullable FileFormat format,
    @Nullable @Schema(types = "object", implementation = Object.class) JsonNode mapping,
    @Nullable Boolean historical,
    @Nullable Integer rowsPerSecond) {
  private static final int MAX_NAME = 100;
  private static final int MAX_RATE = 1_000_000;
  private static final Map<String, Charset> ENCODINGS =
      Map.of(
          "utf-8", StandardCharsets.UTF_8,
          "utf-16", StandardCharsets.UTF_16,
          "iso-8859-1", StandardCharsets.ISO_8859_1,
          "windows-1252", Charset.forName("windows-1252"));

  /**
   * How a file is written.
   *
   * @param type csv or ndjson
   * @param separator of csv: the character between two values; a comma where nothing is said
   * @param encoding of csv: utf-8 where nothing is said, utf-16, iso-8859-1 or windows-1252
   */
  record FileFormat(@Nullable String type, @Nullable String separator, @Nullable String encoding) {
    private boolean isCsv() {
      return "csv".equals(type);
    }

    private char separatorChar() {
      return separator == null ? ',' : separator.charAt(0);
    }

    private Charset charset() {
      return encoding == null
          ? StandardCharsets.UTF_8
          : ENCODINGS.getOrDefault(encoding, StandardCharsets.UTF_8);
    }
  }

  /**
   * The same, once nothing is wrong with it.
   *
   * @throws Problem with all that is
   */
  ImportDefinition checked() {
    Faults faults = new Faults();
    faults.text(name, "name", MAX_NAME);
    faults.text(source, "source", MAX_NAME);
    FileFormat wanted = faults.required(format, "format");
    if (wanted != null) {
      check(wanted, faults);
    }
    faults.between(rowsPerSecond, "rowsPerSecond", 1, MAX_RATE, MAX_RATE);
    if (mapping != null && !mapping.isNull()) {
      var _ = RowMapping.read(mapping, "mapping", faults);
    } else {
      faults.check(
          wanted == null || !wanted.isCsv(),
          "mapping",
          "required",
          "must say what becomes of a row, such as {\"identify\": {}, \"person\": {\"userId\":"
              + " [\"/id\"]}}");
    }
    faults.throwIfAny();
    return this;
  }

  private static void check(FileFormat wanted, Faults faults) {
    faults.check(
        wanted.isCsv() || "ndjson".equals(wanted.type()),
        "format.type",
        wanted.type() == null ? "required" : "invalid_value",
        "must be csv or ndjson");
    String separator = wanted.separator();
    faults.check(
        separator == null
            || (separator.length() == 1 && "\"\r\n\0".indexOf(separator.charAt(0)) < 0),
        "format.separator",
        "invalid_value",
        "must be one character, such as ; and neither a quote nor the end of a line");
    faults.check(
        wanted.encoding() == null || ENCODINGS.containsKey(wanted.encoding()),
        "format.encoding",
        "invalid_value",
        "must be utf-8, utf-16, iso-8859-1 or windows-1252");
    faults.check(
        wanted.isCsv() || (separator == null && wanted.encoding() == null),
        "format",
        "not_allowed",
        "separator and encoding are only for csv; lines of JSON are UTF-8");
  }

  boolean isHistorical() {
    return historical == null || historical;
  }

  /** The rows of the file that these bytes are. */
  Rows rows(InputStream in) {
    FileFormat written = format == null ? new FileFormat("ndjson", null, null) : format;
    return written.isCsv()
        ? new CsvRows(in, written.separatorChar(), written.charset())
        : new NdjsonRows(in);
  }

  /** What becomes of a row; null where a row is a call itself. */
  @Nullable RowMapping rowMapping() {
    return mapping == null || mapping.isNull() ? null : RowMapping.read(mapping);
  }
}
