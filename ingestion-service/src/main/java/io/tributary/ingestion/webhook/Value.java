package io.tributary.ingestion.webhook;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.tributary.event.Json;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Currency;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.DecimalNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * How a provider's file says where a property comes from. Written as a path, a list of paths of
 * which the first with a value counts, or an object: {@code {"path": …, "as": "number" | "minor" |
 * "upper" | "text"}}, {@code {"each": <list>, "of": {<property>: …}}}, {@code {"sum": <list>, "of":
 * …}} or {@code {"constant": …}}.
 */
sealed interface Value {

  /** What is made of what lies at the path. */
  enum Form {
    /** Nothing. */
    SAME,
    /** A number, also where it's written as text. */
    NUMBER,
    /** An amount in the currency, of one that counts its smallest units. */
    MINOR,
    /** In capitals. */
    UPPER,
    /** A text, also where it's a number. */
    TEXT
  }

  /**
   * The first path that has a value.
   *
   * @param currency of {@link Form#MINOR}: where its code stands
   */
  record First(List<Where> paths, Form form, @Nullable Where currency) implements Value {}

  /** A list of objects, one for each element of a list. */
  record Each(Where list, Map<String, Value> of) implements Value {}

  /** The sum over a list; absent for an empty one. */
  record Sum(Where list, Value of) implements Value {}

  /** Always the same. */
  record Constant(JsonNode value) implements Value {}

  /** What values are taken from. */
  record Scope(Incoming request, JsonNode body, JsonNode item, Map<String, Integer> digits) {
    Scope of(JsonNode element) {
      return new Scope(request, body, element, digits);
    }

    Optional<JsonNode> find(Where where) {
      return where.find(request, body, item);
    }
  }

  /** Reads the written form. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  static Value of(JsonNode written) {
    if (!written.isObject()) {
      return new First(paths(written), Form.SAME, null);
    }
    if (written.has("constant")) {
      only(written, "constant");
      return new Constant(written.get("constant"));
    }
    if (written.has("each")) {
      only(written, "each", "of");
      return new Each(Where.of(text(written, "each")), map(written.path("of")));
    }
    if (written.has("sum")) {
      only(written, "sum", "of");
      return new Sum(Where.of(text(written, "sum")), of(written.path("of")));
    }
    only(written, "path", "as", "currency");
    return new First(
        paths(written.path("path")),
        form(text(written, "as")),
        written.has("currency") ? Where.of(text(written, "currency")) : null);
  }

  private static void only(JsonNode written, String... known) {
    List<String> names = List.of(known);
    for (String name : written.propertyNames()) {
      if (!names.contains(name)) {
        throw new IllegalArgumentException(
            name + " isn't known here; known are " + String.join(", ", names));
      }
    }
  }

  private static String text(JsonNode written, String name) {
    JsonNode found = written.path(name);
    if (!found.isString()) {
      throw new IllegalArgumentException(name + " must be a text");
    }
    return found.stringValue();
  }

  private static Form form(String name) {
    for (Form form : Form.values()) {
      if (form.name().toLowerCase(Locale.ROOT).equals(name)) {
        return form;
      }
    }
    throw new IllegalArgumentException("as must be one of same, number, minor, upper, text");
  }

  private static List<Where> paths(JsonNode written) {
    List<Where> paths = new ArrayList<>();
    for (JsonNode path : written.isArray() ? written : List.of(written)) {
      if (!path.isString()) {
        throw new IllegalArgumentException("a path must be a text, such as /data/amount");
      }
      paths.add(Where.of(path.stringValue()));
    }
    return List.copyOf(paths);
  }

  private static Map<String, Value> map(JsonNode written) {
    if (!written.isObject()) {
      throw new IllegalArgumentException("of must be an object of names and where they come from");
    }
    Map<String, Value> values = new LinkedHashMap<>();
    written.properties().forEach(each -> values.put(each.getKey(), of(each.getValue())));
    return values;
  }

  /** The value; empty where there's none, or none that can be made what is wanted. */
  default Optional<JsonNode> in(Scope scope) {
    return switch (this) {
      case First first ->
          first.paths().stream()
              .flatMap(path -> scope.find(path).stream())
              .findFirst()
              .flatMap(found -> formed(found, first, scope));
      case Constant constant -> Optional.of(constant.value());
      case Each each ->
          scope
              .find(each.list())
              .filter(JsonNode::isArray)
              .map(list -> {
                ArrayNode out = Json.MAPPER.createArrayNode();
                for (JsonNode element : list) {
                  out.add(object(each.of(), scope.of(element)));
                }
                return out;
              });
      case Sum sum -> {
        BigDecimal total = null;
        JsonNode list = scope.find(sum.list()).filter(JsonNode::isArray).orElse(Payload.NOTHING);
        for (JsonNode element : list) {
          Optional<BigDecimal> one =
              sum.of().in(scope.of(element)).filter(JsonNode::isNumber).map(JsonNode::decimalValue);
          if (one.isPresent()) {
            total = total == null ? one.get() : total.add(one.get());
          }
        }
        yield Optional.ofNullable(total).map(DecimalNode::valueOf);
      }
    };
  }

  /** An object of all values that are there. */
  static ObjectNode object(Map<String, Value> values, Scope scope) {
    ObjectNode out = Json.MAPPER.createObjectNode();
    values.forEach((name, value) -> value.in(scope).ifPresent(found -> out.set(name, found)));
    return out;
  }

  private static Optional<JsonNode> formed(JsonNode found, First first, Scope scope) {
    return switch (first.form()) {
      case SAME -> Optional.of(found);
      case TEXT -> found.isValueNode() ? Optional.of(text(found.asString())) : Optional.empty();
      case UPPER ->
          found.isString()
              ? Optional.of(text(found.asString().toUpperCase(Locale.ROOT)))
              : Optional.empty();
      case NUMBER -> number(found).map(DecimalNode::valueOf);
      case MINOR ->
          found.isIntegralNumber() && found.canConvertToLong()
              ? Optional.of(
                  DecimalNode.valueOf(BigDecimal.valueOf(found.longValue(), digits(first, scope))))
              : Optional.empty();
    };
  }

  private static JsonNode text(String text) {
    return StringNode.valueOf(text);
  }

  /** Within a double: what lies beyond isn't an amount, and its sum could fill the memory. */
  private static Optional<BigDecimal> number(JsonNode found) {
    String text = found.isNumber() || found.isString() ? found.asString().strip() : "";
    if (text.isEmpty() || text.length() > 40) {
      return Optional.empty();
    }
    try {
      BigDecimal number = new BigDecimal(text);
      return Math.abs((long) number.scale()) <= 100 ? Optional.of(number) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** How many digits the currency has behind the point; 2 where nobody knows it. */
  private static int digits(First first, Scope scope) {
    String code =
        Optional.ofNullable(first.currency())
            .flatMap(scope::find)
            .map(found -> found.asString("").toUpperCase(Locale.ROOT))
            .orElse("");
    Integer own = scope.digits().get(code);
    if (own != null) {
      return own;
    }
    try {
      return Math.max(0, Currency.getInstance(code).getDefaultFractionDigits());
    } catch (IllegalArgumentException e) {
      return 2;
    }
  }

  /** The paths that begin in the item. */
  default Stream<Where> places() {
    return switch (this) {
      case First first -> first.paths().stream();
      case Each each -> Stream.of(each.list());
      case Sum sum -> Stream.of(sum.list());
      case Constant _ -> Stream.of();
    };
  }
}
