package io.tributary.ingestion.transform;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.NullValue;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.extensions.CelStringExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.Program;
import io.tributary.event.Json;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * An expression of the Common Expression Language over an event: {@code event} is the event, {@code
 * value} what stands at the place that is computed. The language knows no loops but over what is
 * there, and those are bounded; its patterns are matched in time linear in the text (RE2).
 */
public final class Expression {
  /** Characters of an expression. */
  public static final int MAX_LENGTH = 1_000;

  /** Texts of a result, together: what is longer wouldn't fit into an event. */
  private static final int MAX_RESULT = 32 * 1024;

  private static final int MAX_DEPTH = 32;

  /** Items of a list that an expression makes, and of all that it visits. */
  private static final int MAX_ITEMS = 200;

  /** Loops in one expression: each could multiply what the one before made. */
  private static final int MAX_LOOPS = 3;

  private static final CelOptions OPTIONS =
      CelOptions.current()
          .maxExpressionCodePointSize(MAX_LENGTH)
          .maxParseRecursionDepth(32)
          .maxParseExpressionNodeCount(300)
          .comprehensionMaxIterations(MAX_ITEMS)
          .maxRegexProgramSize(1_000)
          .enableHeterogeneousNumericComparisons(true)
          .build();

  /** Those that make nothing longer than what they are given. */
  private static final CelStringExtensions TEXTS =
      CelExtensions.strings(
          CelStringExtensions.Function.CHAR_AT,
          CelStringExtensions.Function.INDEX_OF,
          CelStringExtensions.Function.LAST_INDEX_OF,
          CelStringExtensions.Function.LOWER_ASCII,
          CelStringExtensions.Function.UPPER_ASCII,
          CelStringExtensions.Function.SPLIT,
          CelStringExtensions.Function.SUBSTRING,
          CelStringExtensions.Function.TRIM);

  private static final String REPLACE = "replace";
  private static final String REPLACE_ALL = "replace_bounded";

  private static final CelCompiler COMPILER =
      CelCompilerFactory.standardCelCompilerBuilder()
          .setOptions(OPTIONS)
          .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
          .addVar("event", MapType.create(SimpleType.STRING, SimpleType.DYN))
          .addVar("value", SimpleType.DYN)
          .addLibraries(TEXTS, CelExtensions.math())
          .addFunctionDeclarations(
              CelFunctionDecl.newFunctionDeclaration(
                  REPLACE,
                  CelOverloadDecl.newMemberOverload(
                      REPLACE_ALL,
                      SimpleType.STRING,
                      SimpleType.STRING,
                      SimpleType.STRING,
                      SimpleType.STRING)))
          .build();

  /** The language's own + would let a few characters fill the memory. */
  private static final CelRuntime RUNTIME =
      CelRuntimeFactory.plannerRuntimeBuilder()
          .setOptions(OPTIONS)
          .setStandardFunctions(
              CelStandardFunctions.newBuilder()
                  .excludeFunctions(CelStandardFunctions.StandardFunction.ADD)
                  .build())
          .addFunctionBindings(
              CelFunctionBinding.fromOverloads(
                  "_+_",
                  CelFunctionBinding.from("add_int64", Long.class, Long.class, Expression::sum),
                  CelFunctionBinding.from(
                      "add_double", Double.class, Double.class, (one, other) -> one + other),
                  CelFunctionBinding.from(
                      "add_string", String.class, String.class, Expression::text),
                  CelFunctionBinding.from(
                      "add_list", Collection.class, Collection.class, Expression::list),
                  CelFunctionBinding.from(
                      "add_timestamp_duration",
                      Instant.class,
                      Duration.class,
                      (time, length) -> time.plus(length)),
                  CelFunctionBinding.from(
                      "add_duration_timestamp",
                      Duration.class,
                      Instant.class,
                      (length, time) -> time.plus(length)),
                  CelFunctionBinding.from(
                      "add_duration_duration",
                      Duration.class,
                      Duration.class,
                      (one, other) -> one.plus(other))))
          .addFunctionBindings(
              CelFunctionBinding.fromOverloads(
                  REPLACE,
                  CelFunctionBinding.from(
                      REPLACE_ALL,
                      List.of(String.class, String.class, String.class),
                      arguments ->
                          replaced(
                              (String) arguments[0],
                              (String) arguments[1],
                              (String) arguments[2]))))
          .addLibraries(TEXTS, CelExtensions.math())
          .build();

  private static Long sum(Long one, Long other) {
    return Math.addExact(one, other);
  }

  private static String text(String one, String other) {
    if (one.length() + other.length() > MAX_RESULT) {
      throw new UnusableException("a text grows larger than an event may be");
    }
    return one + other;
  }

  @SuppressWarnings("rawtypes") // as CEL's lists are
  private static List<Object> list(Collection one, Collection other) {
    if (one.size() + other.size() > MAX_ITEMS) {
      throw new UnusableException("a list may have " + MAX_ITEMS + " items");
    }
    List<Object> all = new ArrayList<>(one.size() + other.size());
    for (Object item : one) {
      all.add(item);
    }
    for (Object item : other) {
      all.add(item);
    }
    return all;
  }

  private static String replaced(String text, String what, String by) {
    long found = what.isEmpty() ? text.length() + 1L : 0;
    for (int at = what.isEmpty() ? -1 : text.indexOf(what);
        at >= 0;
        at = text.indexOf(what, at + what.length())) {
      found++;
    }
    if (text.length() + found * by.length() > MAX_RESULT) {
      throw new UnusableException("a text grows larger than an event may be");
    }
    return text.replace(what, by);
  }

  private final Program program;

  private Expression(Program program) {
    this.program = program;
  }

  /** An expression that can't be one. */
  public static final class InvalidException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidException(String message) {
      super(message);
    }
  }

  /** What an expression comes to. */
  sealed interface Computed {
    /** A value of JSON. */
    record Value(JsonNode json) implements Computed {}

    /** Null. */
    record Nothing() implements Computed {}

    /** None: why not. */
    record Problem(String reason) implements Computed {}
  }

  /**
   * Reads an expression.
   *
   * @throws InvalidException with what is wrong with it and where
   */
  public static Expression compile(String text) throws InvalidException {
    CelValidationResult read = COMPILER.compile(text);
    if (read.hasError()) {
      throw new InvalidException(
          String.join("; ", read.getErrors().stream().limit(3).map(Expression::said).toList()));
    }
    try {
      CelAbstractSyntaxTree tree = read.getAst();
      long loops =
          CelNavigableAst.fromAst(tree)
              .getRoot()
              .allNodes()
              .filter(node -> node.getKind() == CelExpr.ExprKind.Kind.COMPREHENSION)
              .count();
      if (loops > MAX_LOOPS) {
        throw new InvalidException(
            "uses map, filter, all, exists and exists_one more than " + MAX_LOOPS + " times");
      }
      return new Expression(RUNTIME.createProgram(tree));
    } catch (CelValidationException | CelEvaluationException e) {
      throw new InvalidException(String.valueOf(e.getMessage()));
    }
  }

  private static String said(CelIssue issue) {
    return issue.getMessage()
        + " (at character "
        + (issue.getSourceLocation().getColumn() + 1)
        + ")";
  }

  /** Whether it is true of the event; a problem, or anything but a truth value, is neither. */
  Optional<Boolean> holds(ObjectNode event) {
    return evaluated(event, Json.MAPPER.missingNode()) instanceof Computed.Value(JsonNode json)
            && json.isBoolean()
        ? Optional.of(json.booleanValue())
        : Optional.empty();
  }

  /** Its value for the event. */
  Computed value(ObjectNode event, JsonNode value) {
    return evaluated(event, value);
  }

  private Computed evaluated(ObjectNode event, JsonNode value) {
    try {
      Object result = program.eval(Map.of("event", new FieldsOf(event), "value", plain(value)));
      if (result instanceof NullValue) {
        return new Computed.Nothing();
      }
      return new Computed.Value(new Result().json(result, 0));
    } catch (CelEvaluationException e) {
      return new Computed.Problem(reason(e));
    } catch (UnusableException e) {
      return new Computed.Problem(e.reason);
    }
  }

  /** What went wrong, without the texts of the event that CEL's own message may quote. */
  private static String reason(CelEvaluationException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnusableException unusable) {
        return unusable.reason;
      }
    }
    return "the expression failed: " + e.getErrorCode().name().toLowerCase(Locale.ROOT);
  }

  /** As CEL knows it; objects and lists only as far as the expression looks into them. */
  private static Object plain(JsonNode json) {
    return switch (json) {
      case ObjectNode object -> new FieldsOf(object);
      case ArrayNode list -> new ItemsOf(list);
      default ->
          json.isString()
              ? json.stringValue()
              : json.isBoolean()
                  ? json.booleanValue()
                  : json.isNumber() ? number(json) : NullValue.NULL_VALUE;
    };
  }

  private static final class FieldsOf extends AbstractMap<String, Object> {
    private final ObjectNode object;

    FieldsOf(ObjectNode object) {
      this.object = object;
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
      return key instanceof String name && object.has(name);
    }

    @Override
    public @Nullable Object get(@Nullable Object key) {
      JsonNode found = key instanceof String name ? object.get(name) : null;
      return found == null ? null : plain(found);
    }

    @Override
    public int size() {
      return object.size();
    }

    @Override
    public Set<Map.Entry<String, Object>> entrySet() {
      Map<String, Object> all = LinkedHashMap.newLinkedHashMap(object.size());
      object.properties().forEach(field -> all.put(field.getKey(), plain(field.getValue())));
      return all.entrySet();
    }
  }

  private static final class ItemsOf extends AbstractList<Object> {
    private final ArrayNode list;

    ItemsOf(ArrayNode list) {
      this.list = list;
    }

    @Override
    public Object get(int index) {
      return plain(Objects.requireNonNull(list.get(index)));
    }

    @Override
    public int size() {
      return list.size();
    }
  }

  private static Object number(JsonNode json) {
    return json.isIntegralNumber() && json.canConvertToLong()
        ? (Object) json.longValue()
        : (Object) json.doubleValue();
  }

  /** What isn't to be: said without a value. */
  private static final class UnusableException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String reason;

    UnusableException(String reason) {
      super(reason, null, false, false);
      this.reason = reason;
    }
  }

  /** Writes a result as JSON, as long as it's of a size that an event may have. */
  private static final class Result {
    private int size;

    JsonNode json(Object value, int depth) {
      if (depth > MAX_DEPTH) {
        throw new UnusableException("its result nests too deep");
      }
      grow(8);
      JsonNodeFactory nodes = JsonNodeFactory.instance;
      return switch (value) {
        case NullValue _ -> nodes.nullNode();
        case String text -> {
          grow(text.length());
          if (!isStorable(text)) {
            throw new UnusableException("its result holds a character that can't be stored");
          }
          yield nodes.stringNode(text);
        }
        case Boolean truth -> nodes.booleanNode(truth);
        case Long number -> nodes.numberNode(number);
        case Double number -> {
          // What is larger or smaller isn't taken from senders either.
          double size = Math.abs(number);
          if (!Double.isFinite(number) || size > 1e200 || (size > 0 && size < 1e-200)) {
            throw new UnusableException("its result is no number, or one beyond any measure");
          }
          yield nodes.numberNode(BigDecimal.valueOf(number));
        }
        // What CEL calls uint.
        case Number number -> nodes.numberNode(new BigInteger(number.toString()));
        case List<?> items -> {
          ArrayNode list = nodes.arrayNode();
          items.forEach(item -> list.add(json(item, depth + 1)));
          yield list;
        }
        case Map<?, ?> fields -> {
          ObjectNode object = nodes.objectNode();
          fields.forEach((name, field) -> {
            if (!(name instanceof String key)) {
              throw new UnusableException("the names of an object must be texts");
            }
            grow(key.length());
            object.set(key, json(field, depth + 1));
          });
          yield object;
        }
        case Instant time -> nodes.stringNode(time.toString());
        default -> throw new UnusableException("its result can't be written as JSON");
      };
    }

    /** Postgres knows no NUL, and UTF-8 no half of a pair. */
    private static boolean isStorable(String text) {
      for (int i = 0; i < text.length(); i++) {
        if (text.charAt(i) == 0 || Json.isHalfOfPair(text, i)) {
          return false;
        }
      }
      return true;
    }

    private void grow(int by) {
      size += by;
      if (size > MAX_RESULT) {
        throw new UnusableException("its result is larger than an event may be");
      }
    }
  }
}
