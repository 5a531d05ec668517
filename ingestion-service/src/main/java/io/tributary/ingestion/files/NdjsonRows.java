package io.tributary.ingestion.files;

import io.tributary.event.Json;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.node.ObjectNode;

/** Rows that are JSON objects, one in each line; empty lines are none. */
final class NdjsonRows implements Rows {
  private static final int MAX_LINE = 100_000;

  /** Numbers stay as they were written. */
  private static final ObjectReader READER =
      Json.MAPPER
          .readerFor(JsonNode.class)
          .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final InputStream in;
  private long line;

  NdjsonRows(InputStream in) {
    this.in = new BufferedInputStream(in, 65_536);
  }

  @Override
  public @Nullable Row next() throws IOException {
    while (true) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
      int length = 0;
      int next = in.read();
      if (next < 0) {
        return null;
      }
      line++;
      for (; next >= 0 && next != '\n'; next = in.read()) {
        if (++length <= MAX_LINE) {
          bytes.write(next);
        }
      }
      Row row = row(bytes.toByteArray(), length);
      if (row != null) {
        return row;
      }
    }
  }

  private @Nullable Row row(byte[] bytes, int length) {
    if (length > MAX_LINE) {
      return Row.flawed(
          line,
          new String(bytes, StandardCharsets.UTF_8),
          "line_too_long",
          "has " + length + " bytes; at most " + MAX_LINE + " are allowed");
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return Row.flawed(
          line,
          new String(bytes, StandardCharsets.UTF_8),
          "invalid_encoding",
          "holds bytes that aren't UTF-8");
    }
    String content = line == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
    if (content.isBlank()) {
      return null;
    }
    try {
      return READER.<JsonNode>readValue(content) instanceof ObjectNode object
          ? Row.of(line, content.strip(), content.length(), object)
          : Row.flawed(line, content.strip(), "not_an_object", "must be a JSON object");
    } catch (JacksonException e) {
      return Row.flawed(line, content.strip(), "invalid_json", "isn't valid JSON");
    }
  }

  @Override
  public String text(Row row) {
    return row.text();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
