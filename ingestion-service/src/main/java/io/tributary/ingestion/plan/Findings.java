package io.tributary.ingestion.plan;

import com.networknt.schema.Error;
import com.networknt.schema.path.NodePath;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** What a validator's errors mean for an event. */
final class Findings {
  /** Of a thousand wrong items of a list, the first will do. */
  private static final int MAX_REPORTED = 20;

  /** Errors below these belong to alternatives, of which none may be meant: one error in all. */
  private static final Set<String> ALTERNATIVES = Set.of("anyOf", "oneOf");

  /** Keywords whose next step in a schema's path is a name or number, by whether they descend. */
  private static final Map<String, Boolean> NAMED =
      Map.of(
          "properties", true,
          "patternProperties", true,
          "prefixItems", true,
          "dependentSchemas", false,
          "allOf", false);

  private static final Set<String> DESCENDING =
      Set.of("additionalProperties", "items", "unevaluatedProperties", "unevaluatedItems");

  private final Set<Violation> violations = new LinkedHashSet<>();
  private final Set<List<Object>> removable = new HashSet<>();
  private final JsonNode root;
  private final String prefix;
  private final String event;

  private Findings(JsonNode root, String prefix, String event) {
    this.root = root;
    this.prefix = prefix;
    this.event = event;
  }

  /**
   * Reads errors.
   *
   * @param root what was validated
   * @param prefix what paths begin with
   * @param event what the violations are reported under
   */
  static Findings of(List<Error> errors, JsonNode root, String prefix, String event) {
    Findings findings = new Findings(root, prefix, event);
    errors.forEach(findings::add);
    return findings;
  }

  /** What is reported: the first few. */
  List<Violation> violations() {
    return List.copyOf(violations);
  }

  /**
   * Takes what is wrong out of its object or list; what is wrong as a whole, or missing, can't be.
   *
   * @param paths is told what was taken out, the first few
   * @return whether anything was
   */
  boolean takeOut(JsonNode from, List<String> paths) {
    // The last item of a list goes first, so that the places of the others stay.
    List<List<Object>> places = new ArrayList<>(removable);
    places.sort(Findings::byItem);
    boolean any = false;
    for (List<Object> place : places) {
      JsonNode parent = at(from, place.subList(0, place.size() - 1));
      boolean gone =
          switch (place.getLast()) {
            case Integer index when parent instanceof ArrayNode list && index < list.size() ->
                list.remove(index) != null;
            case String name when parent instanceof ObjectNode object ->
                object.remove(name) != null;
            default -> false;
          };
      if (gone && paths.size() < MAX_REPORTED) {
        paths.add(Violation.cut(path(place)));
      }
      any |= gone;
    }
    return any;
  }

  private void add(Error error) {
    String keyword = error.getKeyword();
    List<Object> place = steps(error.getInstanceLocation());
    int alternative = alternative(error.getEvaluationPath());
    if (alternative >= 0) {
      keyword = String.valueOf(error.getEvaluationPath().getElement(alternative));
      place = place.subList(0, depth(error.getEvaluationPath(), alternative));
    } else if (error.getProperty() != null) {
      place = new ArrayList<>(place);
      place.add(error.getProperty());
    }
    Kind kind = Kind.of(keyword);
    if (kind != Kind.REQUIRED && !place.isEmpty()) {
      removable.add(List.copyOf(place));
    }
    note(place, kind, message(keyword, kind, alternative >= 0 ? null : error.getSchemaNode()));
  }

  private void note(List<Object> place, Kind kind, String message) {
    if (violations.size() >= MAX_REPORTED) {
      return;
    }
    JsonNode node = at(root, place);
    String found =
        node.isMissingNode() ? "missing" : node.getNodeType().name().toLowerCase(Locale.ROOT);
    violations.add(new Violation(event, path(place), kind, found, message));
  }

  private static String message(String keyword, Kind kind, @Nullable JsonNode rule) {
    return switch (kind) {
      case REQUIRED -> "is missing";
      case TYPE -> "must be of type " + (rule == null ? "as planned" : types(rule));
      case ENUM -> "must be one of the values that the plan lists";
      case RANGE -> "must keep to " + keyword + (rule == null ? "" : " " + rule);
      case PATTERN -> "must match the plan's pattern";
      case ADDITIONAL_PROPERTY -> "isn't in the plan";
      case UNPLANNED_EVENT -> "isn't an event of the tracking plan";
      case OTHER -> "must keep to the plan's " + keyword;
    };
  }

  private static String types(JsonNode rule) {
    return rule.isArray()
        ? rule.valueStream().map(JsonNode::asString).collect(Collectors.joining(" or "))
        : rule.asString("as planned");
  }

  private static int alternative(NodePath path) {
    for (int i = 0; i < path.getNameCount(); i++) {
      Object step = path.getElement(i);
      if (step instanceof String keyword && ALTERNATIVES.contains(keyword)) {
        return i;
      }
      if (step instanceof String keyword && NAMED.containsKey(keyword)) {
        i++;
      }
    }
    return -1;
  }

  /** How deep in the event a schema's path leads up to a step. */
  private static int depth(NodePath path, int end) {
    int depth = 0;
    for (int i = 0; i < end; i++) {
      if (path.getElement(i) instanceof String keyword) {
        Boolean descends = NAMED.get(keyword);
        if (descends != null) {
          i++;
        }
        depth += Boolean.TRUE.equals(descends) || DESCENDING.contains(keyword) ? 1 : 0;
      }
    }
    return depth;
  }

  private static List<Object> steps(NodePath path) {
    List<Object> steps = new ArrayList<>(path.getNameCount());
    for (int i = 0; i < path.getNameCount(); i++) {
      steps.add(path.getElement(i));
    }
    return steps;
  }

  private static JsonNode at(JsonNode root, List<Object> place) {
    JsonNode node = root;
    for (Object step : place) {
      node =
          switch (step) {
            case Integer index -> node.path(index);
            case String name -> node.path(name);
            default -> MissingNode.getInstance();
          };
    }
    return node;
  }

  private String path(List<Object> place) {
    StringBuilder path = new StringBuilder(prefix);
    for (Object step : place) {
      if (step instanceof Integer) {
        path.append('[').append(step).append(']');
      } else {
        path.append('.').append(step);
      }
    }
    return path.toString();
  }

  /** Deep before shallow, and of one list the last first. */
  private static int byItem(List<Object> one, List<Object> other) {
    int deeper = Integer.compare(other.size(), one.size());
    if (deeper != 0) {
      return deeper;
    }
    Comparator<Object> order =
        (a, b) ->
            a instanceof Integer i && b instanceof Integer j
                ? Integer.compare(j, i)
                : a.toString().compareTo(b.toString());
    for (int i = 0; i < one.size(); i++) {
      int compared = order.compare(one.get(i), other.get(i));
      if (compared != 0) {
        return compared;
      }
    }
    return 0;
  }
}
