package io.tributary.ingestion.accept;

import io.tributary.event.Json;
import java.io.ByteArrayOutputStream;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;

/**
 * Writes trees whose parts may be repeated by a rule, which multiplies them: no more than a limit.
 */
public final class BoundedJson {
  private static final ObjectWriter PLAIN = Json.MAPPER.writer();
  private static final ObjectWriter ASCII = PLAIN.with(JsonWriteFeature.ESCAPE_NON_ASCII);

  private BoundedJson() {}

  /** The bytes of a tree; empty where they are more than the limit. */
  public static Optional<byte[]> bytes(JsonNode tree, int limit) {
    try {
      try {
        return Optional.of(bytes(PLAIN, tree, limit));
      } catch (JacksonException e) {
        // Half a surrogate pair has no UTF-8; as an escape it comes to the check that refuses it.
        return Optional.of(bytes(ASCII, tree, limit));
      }
    } catch (TooLongException e) {
      return Optional.empty();
    }
  }

  private static byte[] bytes(ObjectWriter writer, JsonNode tree, int limit) {
    Bounded out = new Bounded(limit);
    writer.writeValue(out, tree);
    return out.toByteArray();
  }

  private static final class TooLongException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static final class Bounded extends ByteArrayOutputStream {
    private final int limit;

    Bounded(int limit) {
      super(1_024);
      this.limit = limit;
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) {
      if (count + length > limit) {
        throw new TooLongException();
      }
      super.write(bytes, from, length);
    }
  }
}
