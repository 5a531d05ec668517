package io.tributary.ingestion.transform;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/** Texts as nodes. */
final class Texts {
  private Texts() {}

  static JsonNode node(String text) {
    return StringNode.valueOf(text);
  }
}
