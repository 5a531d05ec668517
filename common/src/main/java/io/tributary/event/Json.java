package io.tributary.event;

import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * The one JSON set-up for records on topics and in the store; bounded against hostile nesting and
 * sizes.
 */
public final class Json {
  /**
   * Bounds for anything that was accepted: an event is at most 32 KB when it enters, some envelope
   * comes on top.
   */
  public static final StreamReadConstraints LIMITS =
      StreamReadConstraints.builder()
          .maxNestingDepth(64)
          .maxStringLength(1 << 20)
          .maxNumberLength(1000)
          .maxNameLength(4096)
          .maxDocumentLength(8L << 20)
          .build();

  /** Shared and immutable. */
  public static final JsonFactory FACTORY =
      JsonFactory.builder().streamReadConstraints(LIMITS).build();

  /** Shared and immutable; writes times as ISO-8601 text. */
  public static final JsonMapper MAPPER = JsonMapper.builder(FACTORY).build();

  /** Reads numbers as they were written: as doubles some would come out as others. */
  public static final ObjectReader EXACT =
      MAPPER.reader().with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private Json() {}

  /**
   * Whether a character is half of a surrogate pair without the other half: JSON's escapes can say
   * that, UTF-8 and so Kafka and Postgres can't hold it.
   */
  public static boolean isHalfOfPair(String text, int at) {
    char c = text.charAt(at);
    if (Character.isHighSurrogate(c)) {
      return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
    }
    return Character.isLowSurrogate(c)
        && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
  }
}
