package io.tributary.ingestion.destination;

import io.tributary.access.Secrets;
import io.tributary.event.Json;
import io.tributary.ingestion.transform.Standard;
import io.tributary.web.Faults;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * JSON or a text with places that are filled: <code>{{/data/profile/traits/email | email |
 * sha256}}</code>. A text that is nothing but a place becomes the value that it names, of whatever
 * type; a place within a text becomes part of it. With a {@code ?} behind it a place may stay
 * empty, and what it would have been the value of is left out; without, there is no result.
 */
final class Template {
  private static final Pattern PLACE = Pattern.compile("\\{\\{([^{}]*)}}");
  private static final int MAX_DEPTH = 20;
  private static final int MAX_NODES = 500;
  private static final int MAX_TEXT = 100_000;
  private static final int MAX_URL_PART = 500;
  private static final int MAX_FAULTS = 20;
  private static final JsonNode NOTHING = MissingNode.getInstance();

  private final Node root;

  private Template(Node root) {
    this.root = root;
  }

  /**
   * What places can name.
   *
   * @param message as it would be posted as a webhook
   * @param items what was made of several messages
   */
  record Values(JsonNode message, String id, String secret, ArrayNode items) {
    @Override
    public String toString() {
      return "Values[" + id + "]";
    }
  }

  /** A place's value, or part of the document. */
  private sealed interface Node {
    record Fixed(JsonNode value) implements Node {}

    record Whole(Place place) implements Node {}

    /** Texts and places by turns. */
    record Text(List<String> texts, List<Place> places) implements Node {}

    record Fields(Map<String, Node> fields) implements Node {}

    record Entries(List<Node> entries) implements Node {}
  }

  /**
   * Something that is filled.
   *
   * @param name {@code secret}, {@code id} or {@code items}; null where it's a pointer
   */
  private record Place(
      @Nullable String name,
      @Nullable JsonPointer pointer,
      List<Change> functions,
      boolean optional) {
    JsonNode value(Values values) {
      JsonNode value = named(values);
      for (Change each : functions) {
        if (!value.isValueNode() || value.isNull()) {
          return NOTHING;
        }
        value = each.of(value.asString()).<JsonNode>map(StringNode::valueOf).orElse(NOTHING);
      }
      return value.isNull() ? NOTHING : value;
    }

    private JsonNode named(Values values) {
      if (pointer != null) {
        return values.message().at(pointer);
      }
      return switch (String.valueOf(name)) {
        case "secret" -> StringNode.valueOf(values.secret());
        case "items" -> values.items();
        default -> StringNode.valueOf(values.id());
      };
    }
  }

  /** What is done to a text; empty for one that it can't be done to. */
  private sealed interface Change {
    Optional<String> of(String text);

    record Standardized(Standard as) implements Change {
      @Override
      public Optional<String> of(String text) {
        return as.of(text);
      }
    }

    record Lower() implements Change {
      @Override
      public Optional<String> of(String text) {
        return Optional.of(text.toLowerCase(Locale.ROOT));
      }
    }

    /** In hexadecimal digits, as lists of hashed addresses want it. */
    record Sha256() implements Change {
      @Override
      public Optional<String> of(String text) {
        return Optional.of(HexFormat.of().formatHex(Secrets.hash(text)));
      }
    }

    static Optional<Change> read(String text) {
      if (text.startsWith("phone:") && Standard.Phone.knows(text.substring(6))) {
        return Optional.of(new Standardized(new Standard.Phone(text.substring(6))));
      }
      return switch (text) {
        case "email" -> Optional.of(new Standardized(new Standard.Email()));
        case "phone" -> Optional.of(new Standardized(new Standard.Phone(null)));
        case "country" -> Optional.of(new Standardized(new Standard.Country()));
        case "name" -> Optional.of(new Standardized(new Standard.Name()));
        case "text" -> Optional.of(new Standardized(new Standard.Text()));
        case "lower" -> Optional.of(new Lower());
        case "sha256" -> Optional.of(new Sha256());
        default -> Optional.empty();
      };
    }
  }

  /**
   * Checks a document; not to be used beside faults.
   *
   * @param names what places can name; {@code /} for pointers into the message
   */
  static Template of(JsonNode written, String at, Set<String> names, Faults faults) {
    return new Template(new Reader(at, names, faults).read(written, 0));
  }

  /** The document; empty if it or a value that it must have isn't there. */
  Optional<JsonNode> render(Values values) {
    return rendered(root, values).filter(json -> !json.isMissingNode());
  }

  /**
   * The text; empty if a value that it must have isn't there.
   *
   * @param escape what is done to what places are filled with; empty for what they can't be
   */
  Optional<String> text(Values values, Function<String, Optional<String>> escape) {
    return switch (root) {
      case Node.Fixed(JsonNode value) -> Optional.of(value.asString());
      case Node.Text text -> joined(text, values, escape);
      case Node.Whole(Place place) ->
          joined(new Node.Text(List.of("", ""), List.of(place)), values, escape);
      case Node.Fields _, Node.Entries _ -> Optional.empty();
    };
  }

  /** A text as part of a URL's path or query: something that leads nowhere else. */
  static Optional<String> urlPart(String text) {
    return text.isBlank() || text.equals(".") || text.equals("..") || text.length() > MAX_URL_PART
        ? Optional.empty()
        : Optional.of(URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20"));
  }

  private static Optional<JsonNode> rendered(Node node, Values values) {
    return switch (node) {
      case Node.Fixed(JsonNode value) -> Optional.of(value);
      case Node.Whole(Place place) -> {
        JsonNode value = place.value(values);
        yield value.isMissingNode() && !place.optional() ? Optional.empty() : Optional.of(value);
      }
      case Node.Text text -> joined(text, values, Optional::of).map(StringNode::valueOf);
      case Node.Fields(Map<String, Node> fields) -> {
        ObjectNode object = Json.MAPPER.createObjectNode();
        for (Map.Entry<String, Node> each : fields.entrySet()) {
          Optional<JsonNode> value = rendered(each.getValue(), values);
          if (value.isEmpty()) {
            yield Optional.empty();
          }
          if (!value.get().isMissingNode()) {
            object.set(each.getKey(), value.get());
          }
        }
        yield Optional.of(object);
      }
      case Node.Entries(List<Node> entries) -> {
        ArrayNode array = Json.MAPPER.createArrayNode();
        for (Node each : entries) {
          Optional<JsonNode> value = rendered(each, values);
          if (value.isEmpty()) {
            yield Optional.empty();
          }
          if (!value.get().isMissingNode()) {
            array.add(value.get());
          }
        }
        yield Optional.of(array);
      }
    };
  }

  private static Optional<String> joined(
      Node.Text text, Values values, Function<String, Optional<String>> escape) {
    StringBuilder joined = new StringBuilder(text.texts().getFirst());
    for (int i = 0; i < text.places().size(); i++) {
      Place place = text.places().get(i);
      JsonNode value = place.value(values);
      if (!value.isValueNode() && !value.isMissingNode()) {
        return Optional.empty();
      }
      if (value.isMissingNode() && !place.optional()) {
        return Optional.empty();
      }
      Optional<String> filled = escape.apply(value.isMissingNode() ? "" : value.asString());
      if (filled.isEmpty() || joined.length() > MAX_TEXT) {
        return Optional.empty();
      }
      joined.append(filled.get());
      joined.append(text.texts().get(i + 1));
    }
    return Optional.of(joined.toString());
  }

  private static final class Reader {
    private final String at;
    private final Set<String> names;
    private final Faults faults;
    private int nodes;
    private int wrongs;
    private boolean full;

    Reader(String at, Set<String> names, Faults faults) {
      this.at = at;
      this.names = names;
      this.faults = faults;
    }

    Node read(JsonNode written, int depth) {
      if (!counted(depth)) {
        return new Node.Fixed(NOTHING);
      }
      if (written.isObject()) {
        Map<String, Node> fields = new LinkedHashMap<>();
        written.forEachEntry((name, value) -> {
          if (name.contains("{{") || name.contains("}}")) {
            wrong("invalid_place", "names of fields can't be filled");
          }
          fields.put(name, read(value, depth + 1));
        });
        return new Node.Fields(fields);
      }
      if (written.isArray()) {
        List<Node> entries = new ArrayList<>();
        written.forEach(each -> entries.add(read(each, depth + 1)));
        return new Node.Entries(entries);
      }
      return written.isString() ? text(written) : new Node.Fixed(written);
    }

    private boolean counted(int depth) {
      nodes++;
      boolean fine = nodes <= MAX_NODES && depth <= MAX_DEPTH;
      if (!fine && !full) {
        full = true;
        wrong(
            "too_many", "has more than " + MAX_NODES + " values or goes deeper than " + MAX_DEPTH);
      }
      return fine;
    }

    private void wrong(String code, String why) {
      wrongs++;
      if (wrongs <= MAX_FAULTS) {
        faults.add(at, code, why);
      }
    }

    private Node text(JsonNode written) {
      List<String> texts = new ArrayList<>();
      List<Place> places = new ArrayList<>();
      Matcher matcher = PLACE.matcher(written.stringValue());
      int from = 0;
      while (matcher.find()) {
        texts.add(written.stringValue().substring(from, matcher.start()));
        place(matcher.group(1)).ifPresent(places::add);
        from = matcher.end();
      }
      texts.add(written.stringValue().substring(from));
      if (texts.stream().anyMatch(each -> each.contains("{{") || each.contains("}}"))) {
        wrong("invalid_place", "has a place that is begun or ended only");
      }
      if (places.size() != texts.size() - 1 || places.isEmpty()) {
        return new Node.Fixed(written);
      }
      return places.size() == 1 && texts.stream().allMatch(String::isEmpty)
          ? new Node.Whole(places.getFirst())
          : new Node.Text(texts, places);
    }

    private Optional<Place> place(String written) {
      String[] parts = written.split("\\|", -1);
      String name = parts[0].strip();
      boolean optional = name.endsWith("?");
      name = optional ? name.substring(0, name.length() - 1).strip() : name;
      boolean pointer = name.startsWith("/") && names.contains("/");
      List<Change> changes = new ArrayList<>();
      for (int i = 1; i < parts.length; i++) {
        Optional<Change> change = Change.read(parts[i].strip());
        if (change.isEmpty() || name.equals("items")) {
          return wrongPlace(
              written,
              "functions are email, phone, phone:DE (a region), country, name, text, lower and"
                  + " sha256, of texts");
        }
        changes.add(change.get());
      }
      if (!counted(0)) {
        return Optional.empty();
      }
      if (pointer) {
        return Optional.of(new Place(null, JsonPointer.compile(name), changes, optional));
      }
      return names.contains(name)
          ? Optional.of(new Place(name, null, changes, optional))
          : wrongPlace(
              written,
              "can be filled here: "
                  + String.join(
                      ", ",
                      names.stream()
                          .map(each -> each.equals("/") ? "pointers such as /data/profileId" : each)
                          .sorted()
                          .toList()));
    }

    private Optional<Place> wrongPlace(String written, String why) {
      String shown = written.strip();
      wrong(
          "invalid_place",
          "{{" + shown.substring(0, Math.min(shown.length(), 100)) + "}} can't be filled; " + why);
      return Optional.empty();
    }
  }
}
