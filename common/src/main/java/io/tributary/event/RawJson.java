package io.tributary.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One JSON value kept as the bytes it came in, so that what nobody needs to look into is neither
 * built nor written again. It's a slice of a larger array that must not change; its content was
 * checked by the parser that cut it out.
 */
public final class RawJson {
  private final byte[] source;
  private final int from;
  private final int to;

  private RawJson(byte[] source, int from, int to) {
    this.source = source;
    this.from = from;
    this.to = to;
  }

  /**
   * The value that stands at {@code from} (inclusive) to {@code to} (exclusive) in valid JSON; not
   * copied.
   */
  public static RawJson slice(byte[] source, int from, int to) {
    if (from < 0 || to > source.length || from >= to) {
      throw new IllegalArgumentException("no JSON value at " + from + ".." + to);
    }
    return new RawJson(source, from, to);
  }

  /** A whole array that holds one valid JSON value; not copied. */
  public static RawJson slice(byte[] source) {
    return slice(source, 0, source.length);
  }

  /** The given text, which must be one valid JSON value. */
  public static RawJson of(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return new RawJson(bytes, 0, bytes.length);
  }

  /** The JSON form of a tree. */
  public static RawJson of(JsonNode node) {
    byte[] bytes = Json.MAPPER.writeValueAsBytes(node);
    return new RawJson(bytes, 0, bytes.length);
  }

  /** Length in bytes. */
  public int length() {
    return to - from;
  }

  /** A copy of the bytes. */
  public byte[] toBytes() {
    return Arrays.copyOfRange(source, from, to);
  }

  /** Builds the tree. Each call parses anew. */
  public JsonNode tree() {
    return Json.MAPPER.readTree(source, from, to - from);
  }

  /** The same with numbers as they were written. */
  public JsonNode exactTree() {
    return Json.EXACT.readTree(source, from, to - from);
  }

  void appendTo(JsonBytes out) {
    out.append(source, from, to - from);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RawJson that
        && Arrays.equals(source, from, to, that.source, that.from, that.to);
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + source[i];
    }
    return hash;
  }

  /** The JSON text. */
  @Override
  public String toString() {
    return new String(source, from, to - from, StandardCharsets.UTF_8);
  }
}
