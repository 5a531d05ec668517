package io.tributary.stream;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Names a place in the stream of accepted events, for reads that want to see everything up to it.
 *
 * @param offsets partition of {@code ingestion.events} → offset behind the last record meant; a
 *     partition left out doesn't matter
 */
public record PositionToken(Map<Integer, Long> offsets) {
  private static final int MAX_LENGTH = 4_000;

  /** Copies the map, sorted. */
  public PositionToken {
    offsets = java.util.Collections.unmodifiableMap(new TreeMap<>(offsets));
  }

  /** The written form: {@code p1.} and base64url. */
  public String format() {
    StringBuilder text = new StringBuilder();
    offsets.forEach(
        (partition, offset) -> text.append(partition).append(':').append(offset).append(','));
    return "p1."
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(text.toString().getBytes(StandardCharsets.US_ASCII));
  }

  /** Reads the written form; empty when it isn't one. */
  public static Optional<PositionToken> parse(String text) {
    if (!text.startsWith("p1.") || text.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    try {
      String decoded =
          new String(Base64.getUrlDecoder().decode(text.substring(3)), StandardCharsets.US_ASCII);
      Map<Integer, Long> offsets = new TreeMap<>();
      for (String part : decoded.split(",")) {
        if (part.isEmpty()) {
          continue;
        }
        int colon = part.indexOf(':');
        int partition = Integer.parseInt(part.substring(0, Math.max(colon, 0)));
        long offset = Long.parseLong(part.substring(colon + 1));
        if (partition < 0 || offset < 0) {
          return Optional.empty();
        }
        offsets.put(partition, offset);
      }
      return Optional.of(new PositionToken(offsets));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
