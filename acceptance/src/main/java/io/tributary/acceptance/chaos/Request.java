package io.tributary.acceptance.chaos;

import io.tributary.acceptance.chaos.Fact.Kind;
import io.tributary.demo.Api;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One request to the collector, byte for byte: sent again, it's the same.
 *
 * @param broken whether it is cut in the middle, so that nobody can read it
 */
record Request(String path, String body, List<Fact> facts, boolean broken) {

  /** Several messages in one request. */
  static Request batch(List<Fact> facts) {
    ArrayNode batch = Api.MAPPER.createArrayNode();
    facts.forEach(fact -> batch.add(json(fact)));
    ObjectNode whole = Api.MAPPER.createObjectNode();
    whole.set("batch", batch);
    String body = whole.toString();
    return new Request("/v1/batch", body, List.copyOf(facts), false);
  }

  /** A single message at the address of its kind. */
  static Request single(Fact fact) {
    String path =
        switch (fact.kind()) {
          case TRACK -> "/v1/track";
          case IDENTIFY -> "/v1/identify";
          case ALIAS -> "/v1/alias";
          case POISON -> "/v1/track";
        };
    return new Request(path, json(fact).toString(), List.of(fact), false);
  }

  /** The same, cut in the middle. */
  Request cut() {
    return new Request(path, body.substring(0, body.length() * 2 / 3), facts, true);
  }

  private static ObjectNode json(Fact fact) {
    ObjectNode json = Api.MAPPER.createObjectNode();
    json.put(
        "type",
        fact.kind() == Kind.POISON
            ? "track"
            : fact.kind().name().toLowerCase(java.util.Locale.ROOT));
    json.put("messageId", fact.id()).put("timestamp", fact.at().toString());
    put(json, "userId", fact.who().userId());
    put(json, "anonymousId", fact.who().anonymousId());
    put(json, "previousId", fact.who().previousId());
    put(json, "event", fact.event());
    if (!fact.plan().isEmpty() || !fact.who().email().isEmpty()) {
      ObjectNode traits = json.putObject("traits");
      put(traits, "plan", fact.plan());
      put(traits, "email", fact.who().email());
    }
    if (!fact.order().isEmpty()) {
      json.putObject("properties").put("order", fact.order());
    }
    return json;
  }

  private static void put(ObjectNode json, String name, String value) {
    if (!value.isEmpty()) {
      json.put(name, value);
    }
  }
}
