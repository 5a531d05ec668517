package io.tributary.gateway;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Puts OpenAPI documents together: the same input gives the same bytes, whatever order the services
 * list things in. Parts that have one name and differ get their service's name in front.
 */
final class MergedDocument {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final TreeMap<String, JsonNode> paths = new TreeMap<>();
  private final TreeMap<String, TreeMap<String, JsonNode>> components = new TreeMap<>();

  /** Descriptions by name; empty where a service says nothing about one. */
  private final TreeMap<String, String> tags = new TreeMap<>();

  ObjectNode merge(Map<String, JsonNode> documents) {
    new TreeMap<>(documents).forEach(this::add);
    ObjectNode merged = JSON.createObjectNode();
    merged.put("openapi", "3.1.0");
    merged
        .putObject("info")
        .put("title", "Tributary API")
        .put("version", "v1")
        .put(
            "description",
            "Management and reading. Events are posted to the collector, which speaks the Segment"
                + " HTTP tracking API.");
    merged.putArray("security").addObject().putArray("bearer");
    ArrayNode names = merged.putArray("tags");
    tags.forEach((name, description) -> {
      ObjectNode tag = names.addObject().put("name", name);
      if (!description.isEmpty()) {
        tag.put("description", description);
      }
    });
    ObjectNode pathNode = merged.putObject("paths");
    paths.forEach(pathNode::set);
    ObjectNode componentNode = merged.putObject("components");
    components.forEach((kind, parts) -> {
      ObjectNode kindNode = componentNode.putObject(kind);
      parts.forEach(kindNode::set);
    });
    return merged;
  }

  private void add(String service, JsonNode document) {
    JsonNode unique = readable(document);
    for (Map.Entry<String, JsonNode> kind : unique.path("components").properties()) {
      TreeMap<String, JsonNode> known = components.getOrDefault(kind.getKey(), new TreeMap<>());
      for (Map.Entry<String, JsonNode> part : kind.getValue().properties()) {
        JsonNode other = known.get(part.getKey());
        if (other != null && !other.equals(sorted(part.getValue()))) {
          unique = renamed(unique, kind.getKey(), part.getKey(), capital(service) + part.getKey());
        }
      }
    }
    for (Map.Entry<String, JsonNode> kind : unique.path("components").properties()) {
      TreeMap<String, JsonNode> known =
          components.computeIfAbsent(kind.getKey(), name -> new TreeMap<>());
      kind.getValue().properties().forEach(p -> known.put(p.getKey(), sorted(p.getValue())));
    }
    Map<String, String> described = new HashMap<>();
    unique
        .path("tags")
        .forEach(tag ->
            described.put(tag.path("name").asString(), tag.path("description").asString("")));
    for (Map.Entry<String, JsonNode> path : unique.path("paths").properties()) {
      // What the gateway doesn't lead to, or leads elsewhere, can't be called from outside.
      if (Routes.service(path.getKey()).filter(service::equals).isPresent()) {
        paths.put(path.getKey(), sorted(path.getValue()));
        path.getValue()
            .forEach(operation ->
                operation
                    .path("tags")
                    .forEach(tag ->
                        tags.put(tag.asString(), described.getOrDefault(tag.asString(), ""))));
      }
    }
  }

  /** Docstrings as text: their line breaks folded, their code marks as Markdown has them. */
  private static JsonNode readable(JsonNode document) {
    JsonNode copy = document.deepCopy();
    fold(copy);
    return copy;
  }

  private static void fold(JsonNode node) {
    if (node instanceof ObjectNode object) {
      for (String name : List.of("description", "summary")) {
        JsonNode text = object.path(name);
        if (text.isString()) {
          object.put(
              name, text.asString().replaceAll("</?code>", "`").replaceAll("\\s+", " ").strip());
        }
      }
    }
    node.forEach(MergedDocument::fold);
  }

  private static JsonNode renamed(JsonNode document, String kind, String from, String to) {
    String reference = "#/components/" + kind + "/";
    JsonNode copy = document.deepCopy();
    ObjectNode parts = (ObjectNode) copy.path("components").path(kind);
    parts.set(to, parts.remove(from));
    redirect(copy, reference + from, reference + to);
    return copy;
  }

  private static void redirect(JsonNode node, String from, String to) {
    if (node instanceof ObjectNode object) {
      for (String name : object.propertyNames().stream().toList()) {
        JsonNode value = object.get(name);
        if (value.isString() && value.asString().equals(from)) {
          object.put(name, to);
        }
      }
    }
    node.forEach(child -> redirect(child, from, to));
  }

  /** Keys in alphabetical order at every level; the order of arrays has a meaning and stays. */
  private static JsonNode sorted(JsonNode node) {
    if (node instanceof ObjectNode object) {
      ObjectNode result = JSON.createObjectNode();
      new TreeSet<>(object.propertyNames()).forEach(n -> result.set(n, sorted(object.get(n))));
      return result;
    }
    if (node instanceof ArrayNode array) {
      ArrayNode result = JSON.createArrayNode();
      array.forEach(item -> result.add(sorted(item)));
      return result;
    }
    return node;
  }

  private static String capital(String name) {
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }
}
