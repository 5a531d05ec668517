package io.tributary.ingestion.webhook;

import io.tributary.access.Secrets;
import io.tributary.event.Json;
import io.tributary.ingestion.accept.BoundedJson;
import io.tributary.ingestion.accept.CollectRequest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What becomes of a provider's payloads: a batch of Segment calls, one for each item. A type that
 * has no rule becomes a track call under the provider's own name of it, with the item's fields as
 * properties; who is named nowhere is the source's own anonymous profile. So nothing is left out
 * silently.
 *
 * @param body how the body is written
 * @param items where the items lie: names between slashes, {@code *} for each element of a list;
 *     null for one item, the body
 * @param type the parts of the type's name, joined by dots; absent ones are left out
 * @param id what tells events apart, joined by colons; the same in each retry. Without the first of
 *     them the whole item tells it
 * @param time when it happened
 * @param person where all types name the person
 * @param properties that every track call has
 * @param rest whether track calls also have the item's fields that no path here names
 * @param unknown the object whose fields become properties of a type without a rule; null for the
 *     item
 * @param digits behind the point, of currencies that the provider counts otherwise than ISO 4217
 * @param events the rules by type; {@code a.*} stands for all types below {@code a} without a rule
 */
record Mapping(
    Payload body,
    @Nullable String items,
    List<Where> type,
    List<Where> id,
    @Nullable Where time,
    Person person,
    @Nullable Map<String, Value> properties,
    boolean rest,
    @Nullable Where unknown,
    @Nullable Map<String, Integer> digits,
    Map<String, Rule> events) {
  /** Calls in one batch; well below what the collector takes at once. */
  private static final int BATCH = 500;

  static final int MAX_MESSAGE_ID = 99;

  /** Who is named nowhere is nobody, and types without rules are none. */
  Mapping {
    person = person == null ? Person.NOBODY : person;
    events = events == null ? Map.of() : events;
  }

  /**
   * The bodies of {@code /v1/batch} that a request stands for; made one after another.
   *
   * @throws Payload.IllegibleException if the body can't be read
   * @throws Provider.OversizeException while they are made, if one has more bytes than a body may
   */
  Stream<byte[]> batches(String provider, String sourceId, Incoming request) {
    JsonNode tree = body.tree(request);
    if (!tree.isContainer()) {
      throw new Payload.IllegibleException(null);
    }
    List<JsonNode> items = items(tree);
    Map<String, Integer> own = digits == null ? Map.of() : digits;
    return IntStream.iterate(0, from -> from < items.size(), from -> from + BATCH)
        .mapToObj(from -> items.subList(from, Math.min(from + BATCH, items.size())))
        .map(part -> {
          ObjectNode batch = Json.MAPPER.createObjectNode();
          ArrayNode calls = batch.putArray("batch");
          for (JsonNode item : part) {
            calls.add(call(provider, sourceId, new Value.Scope(request, tree, item, own)));
          }
          return BoundedJson.bytes(batch, CollectRequest.MAX_BYTES)
              .orElseThrow(Provider.OversizeException::new);
        });
  }

  private List<JsonNode> items(JsonNode tree) {
    List<JsonNode> found = List.of(tree);
    for (String step : items == null ? new String[0] : items.substring(1).split("/")) {
      List<JsonNode> next = new ArrayList<>();
      for (JsonNode node : found) {
        if (!step.equals("*")) {
          Optional.ofNullable(node.get(step)).ifPresent(next::add);
        } else if (node.isArray()) {
          node.forEach(next::add);
        } else {
          next.add(node);
        }
      }
      found = next;
    }
    // Something that looks otherwise than the provider says is an item of a type nobody knows.
    return found.isEmpty() && !tree.isEmpty() ? List.of(tree) : found;
  }

  private ObjectNode call(String provider, String sourceId, Value.Scope scope) {
    String name = joined(type, ".", scope);
    Rule rule = Rule.find(events, name);
    Person named = rule == null || rule.person() == null ? person : rule.person();
    ObjectNode call = Json.MAPPER.createObjectNode();
    call.put(
        "messageId",
        messageId(provider, rule == null || rule.id() == null ? id : rule.id(), scope));
    if (time != null) {
      scope.find(time).filter(JsonNode::isValueNode).ifPresent(at -> call.set("timestamp", at));
    }
    ObjectNode context = call.putObject("context");
    context.putObject("library").put("name", "tributary-webhook").put("provider", provider);
    named.name(call, provider, sourceId, scope);
    if (rule != null && rule.identify() != null) {
      call.put("type", "identify").set("traits", traits(rule.identify(), scope));
    } else {
      call.put("type", "track");
      call.put("event", rule == null ? name.isEmpty() ? provider : name : rule.track());
      call.set("properties", rule == null ? everything(scope) : properties(rule, named, scope));
    }
    return call;
  }

  private static String messageId(String provider, List<Where> id, Value.Scope scope) {
    String own = joined(id, ":", scope);
    if (scope.find(id.getFirst()).isEmpty()) {
      // A retry has the same bytes.
      return provider + ":" + hash(own + scope.item());
    }
    String whole = provider + ":" + own;
    return whole.length() <= MAX_MESSAGE_ID ? whole : provider + ":" + hash(own);
  }

  static String joined(List<Where> places, String separator, Value.Scope scope) {
    return String.join(
        separator,
        places.stream()
            .flatMap(place -> scope.find(place).stream())
            .filter(JsonNode::isValueNode)
            .map(JsonNode::asString)
            .toList());
  }

  static ObjectNode traits(Map<String, Value> wanted, Value.Scope scope) {
    Map<String, Value> named = new LinkedHashMap<>();
    wanted.forEach((name, value) -> {
      if (name.startsWith("{")) {
        scope
            .find(named(name))
            .filter(JsonNode::isString)
            .ifPresent(found -> named.put(found.asString(), value));
      } else {
        named.put(name, value);
      }
    });
    return Value.object(named, scope);
  }

  /** The place that a trait's name is read from, as {@code {<place>}} says. */
  static Where named(String name) {
    if (!name.endsWith("}")) {
      throw new IllegalArgumentException("a brace isn't closed in " + name);
    }
    return Where.of(name.substring(1, name.length() - 1));
  }

  private ObjectNode properties(Rule rule, Person named, Value.Scope scope) {
    Map<String, Value> wanted = new LinkedHashMap<>(properties == null ? Map.of() : properties);
    if (rule.properties() != null) {
      wanted.putAll(rule.properties());
    }
    ObjectNode out = Value.object(wanted, scope);
    if (rest) {
      Set<String> used = used(wanted, named);
      scope
          .item()
          .properties()
          .forEach(field -> {
            if (!used.contains(field.getKey()) && !out.has(field.getKey())) {
              out.set(field.getKey(), field.getValue());
            }
          });
    }
    return out;
  }

  /** The item's fields that have gone somewhere already, as a whole. */
  private Set<String> used(Map<String, Value> wanted, Person named) {
    Set<String> used = new HashSet<>();
    Stream<Where> values = wanted.values().stream().flatMap(Value::places);
    Stream<Where> people =
        Stream.of(named.userId(), named.email(), named.phone())
            .filter(Objects::nonNull)
            .flatMap(List::stream);
    Stream.of(values, people, type.stream(), id.stream(), Stream.ofNullable(time))
        .flatMap(places -> places)
        .forEach(place -> {
          if (place instanceof Where.Item at && at.pointer().toString().lastIndexOf('/') == 0) {
            used.add(at.pointer().getMatchingProperty());
          }
        });
    return used;
  }

  private ObjectNode everything(Value.Scope scope) {
    JsonNode found =
        Optional.ofNullable(unknown)
            .flatMap(scope::find)
            .filter(JsonNode::isObject)
            .orElse(scope.item());
    return found instanceof ObjectNode object
        ? object
        : Json.MAPPER.createObjectNode().set("value", found);
  }

  /** Says of a text whether it's the same as another one, and nothing more. */
  static String hash(String text) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Secrets.hash(text));
  }
}
