package io.tributary.ingestion.accept;

import java.util.ArrayDeque;
import java.util.Deque;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamContext;

/** Names the field that an offset lies in. Only for what is refused: it reads the event again. */
final class Place {
  private static final int MAX_LENGTH = 200;

  private Place() {}

  /** The path within the value that stands in {@code source} from {@code from} to {@code to}. */
  static String of(byte[] source, int from, int to, int offset) {
    int tokens = tokensUpTo(source, from, to, offset);
    String path = "$";
    try (JsonParser parser = parser(source, from, to)) {
      for (int i = 0; i < tokens; i++) {
        JsonToken token = parser.nextToken();
        if (i == tokens - 1 && token != null) {
          path = path(parser.streamReadContext());
        }
      }
    }
    return path.length() > MAX_LENGTH ? path.substring(0, MAX_LENGTH) + "…" : path;
  }

  /** How many tokens begin at or before the offset. The context is only known while on a token. */
  private static int tokensUpTo(byte[] source, int from, int to, int offset) {
    int tokens = 0;
    try (JsonParser parser = parser(source, from, to)) {
      while (parser.nextToken() != null
          && from + parser.currentTokenLocation().getByteOffset() <= offset) {
        tokens++;
      }
    }
    return tokens;
  }

  private static JsonParser parser(byte[] source, int from, int to) {
    return Limits.JSON.createParser(ObjectReadContext.empty(), source, from, to - from);
  }

  private static String path(TokenStreamContext innermost) {
    Deque<String> steps = new ArrayDeque<>();
    for (TokenStreamContext at = innermost; at != null && !at.inRoot(); at = at.getParent()) {
      if (at.inArray() && at.hasCurrentIndex()) {
        steps.push("[" + at.getCurrentIndex() + "]");
      } else if (at.inObject() && at.currentName() != null) {
        steps.push("." + Storable.mended(at.currentName()));
      }
    }
    if (steps.isEmpty()) {
      return "$";
    }
    String joined = String.join("", steps);
    return joined.startsWith(".") ? joined.substring(1) : joined;
  }
}
