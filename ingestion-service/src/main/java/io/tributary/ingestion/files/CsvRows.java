package io.tributary.ingestion.files;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.CsvRecordHandler;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.tributary.event.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Rows of comma-separated values (RFC 4180, with any separator). The first line names the columns;
 * one without a name is called {@code column_} and its number. All values are texts.
 */
final class CsvRows implements Rows {
  private static final int MAX_COLUMNS = 500;
  private static final int MAX_FIELD = 100_000;
  private static final int MAX_RECORD = 1_000_000;

  /** What stands in the place of bytes that are no character. */
  private static final char REPLACEMENT = '\uFFFD';

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final char separator;
  private final Charset charset;
  private final CloseableIterator<CsvRecord> records;
  private List<String> columns = List.of();
  private long line = 1;

  CsvRows(InputStream in, char separator, Charset charset) {
    this.separator = separator;
    this.charset = charset;
    InputStreamReader reader =
        new InputStreamReader(
            in,
            charset
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE));
    records =
        CsvReader.builder()
            .fieldSeparator(separator)
            .allowExtraFields(true)
            .allowMissingFields(true)
            .allowExtraCharsAfterClosingQuote(true)
            .maxBufferSize(2 * MAX_RECORD)
            .build(
                CsvRecordHandler.of(handler ->
                    handler
                        .maxFields(2 * MAX_COLUMNS)
                        .maxFieldSize(MAX_FIELD)
                        .maxRecordSize(MAX_RECORD)),
                reader)
            .iterator();
  }

  @Override
  public @Nullable Row next() throws IOException, UnreadableFileException {
    if (columns.isEmpty()) {
      CsvRecord header = record();
      if (header == null) {
        return null;
      }
      columns = columns(header.getFields());
    }
    CsvRecord record = record();
    return record == null ? null : row(record);
  }

  private @Nullable CsvRecord record() throws IOException, UnreadableFileException {
    try {
      if (!records.hasNext()) {
        return null;
      }
      CsvRecord record = records.next();
      line = record.getStartingLineNumber();
      return record;
    } catch (CsvParseException e) {
      throw new UnreadableFileException(
          "After line "
              + line
              + " stands a row that has over "
              + MAX_RECORD
              + " characters, a field of over "
              + MAX_FIELD
              + ", or over "
              + 2 * MAX_COLUMNS
              + " fields. Mostly a quote that opens there is never closed.");
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static List<String> columns(List<String> header) throws UnreadableFileException {
    if (header.size() > MAX_COLUMNS) {
      throw new UnreadableFileException(
          "The first line names " + header.size() + " columns; at most 500 are allowed.");
    }
    List<String> columns = new ArrayList<>();
    Map<String, Integer> seen = new HashMap<>();
    for (int i = 0; i < header.size(); i++) {
      String name = header.get(i);
      String own = i == 0 && name.startsWith(BYTE_ORDER_MARK) ? name.substring(1) : name;
      String column = own.isBlank() ? "column_" + (i + 1) : own.strip();
      Integer before = seen.putIfAbsent(column, i + 1);
      if (before != null) {
        throw new UnreadableFileException(
            "Columns " + before + " and " + (i + 1) + " have the same name; give each its own.");
      }
      columns.add(column);
    }
    return columns;
  }

  private Row row(CsvRecord record) {
    List<String> values = record.getFields();
    if (values.size() != columns.size()) {
      return Row.flawed(
          line,
          text(values),
          "wrong_field_count",
          "has " + values.size() + " fields; the first line names " + columns.size());
    }
    ObjectNode fields = Json.MAPPER.createObjectNode();
    int size = 0;
    for (int i = 0; i < values.size(); i++) {
      String value = values.get(i);
      if (value.indexOf(REPLACEMENT) >= 0) {
        return Row.flawed(
            line,
            text(values),
            "invalid_encoding",
            "holds bytes that are no characters in "
                + charset.name()
                + "; say in format.encoding how the file is written");
      }
      fields.put(columns.get(i), value);
      size += value.length();
    }
    return Row.of(line, "", size, fields);
  }

  /** The row as it could be written; it may have been quoted otherwise. */
  private String text(List<String> values) {
    StringWriter out = new StringWriter();
    CsvWriter.builder()
        .fieldSeparator(separator)
        .lineDelimiter(LineDelimiter.LF)
        .bufferSize(0)
        .build(out)
        .writeRecord(values);
    return out.toString().strip();
  }

  @Override
  public String text(Row row) {
    ObjectNode fields = row.fields();
    return fields == null
        ? row.text()
        : text(columns.stream().map(column -> fields.path(column).asString("")).toList());
  }

  @Override
  public void close() throws IOException {
    records.close();
  }
}
