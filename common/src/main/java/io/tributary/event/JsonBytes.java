package io.tributary.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Writes one JSON object field by field into a growing array. Not safe for use by several threads.
 */
public final class JsonBytes {
  private byte[] bytes;
  private int length;
  private boolean first = true;

  /** Starts an object; {@code expected} is a guess of its length in bytes. */
  public JsonBytes(int expected) {
    bytes = new byte[Math.max(expected, 64)];
    bytes[length++] = '{';
  }

  /** Adds a text field; nothing when the value is null. The name must need no escaping. */
  public JsonBytes text(String name, @Nullable String value) {
    if (value == null) {
      return this;
    }
    name(name);
    put('"');
    byte[] encoded = JsonStringEncoder.getInstance().quoteAsUTF8(value);
    append(encoded, 0, encoded.length);
    put('"');
    return this;
  }

  /** Adds a text field from a value whose {@code toString} needs no escaping; nothing when null. */
  public JsonBytes plain(String name, @Nullable Object value) {
    if (value == null) {
      return this;
    }
    name(name);
    put('"');
    ascii(value.toString());
    put('"');
    return this;
  }

  /** Adds a number. */
  public JsonBytes number(String name, long value) {
    name(name);
    ascii(Long.toString(value));
    return this;
  }

  /** Adds a value as it is; nothing when null. */
  public JsonBytes raw(String name, @Nullable RawJson value) {
    if (value == null) {
      return this;
    }
    name(name);
    value.appendTo(this);
    return this;
  }

  /** Adds a field whose name may need escaping. */
  public JsonBytes unknown(String name, RawJson value) {
    separate();
    put('"');
    byte[] encoded = JsonStringEncoder.getInstance().quoteAsUTF8(name);
    append(encoded, 0, encoded.length);
    put('"');
    put(':');
    value.appendTo(this);
    return this;
  }

  /** Closes the object and returns its bytes. */
  public byte[] close() {
    put('}');
    return Arrays.copyOf(bytes, length);
  }

  void append(byte[] source, int from, int count) {
    ensure(count);
    System.arraycopy(source, from, bytes, length, count);
    length += count;
  }

  private void name(String name) {
    separate();
    put('"');
    ascii(name);
    put('"');
    put(':');
  }

  private void separate() {
    if (!first) {
      put(',');
    }
    first = false;
  }

  private void ascii(String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    append(encoded, 0, encoded.length);
  }

  private void put(char c) {
    ensure(1);
    bytes[length++] = (byte) c;
  }

  private void ensure(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
