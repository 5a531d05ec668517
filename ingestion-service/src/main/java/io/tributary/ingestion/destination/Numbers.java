package io.tributary.ingestion.destination;

import io.tributary.event.Json;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;

/** Reads JSON with its numbers as they were written: as doubles some would come out as others. */
final class Numbers {
  private static final ObjectReader READER =
      Json.MAPPER.reader().with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private Numbers() {}

  static JsonNode tree(byte[] json) {
    return READER.readTree(json);
  }
}
