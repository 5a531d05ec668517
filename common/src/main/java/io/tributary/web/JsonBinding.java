package io.tributary.web;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.type.LogicalType;

/** Turns a tree of JSON into an object, and tells all that stands in the way at once. */
public final class JsonBinding {
  private static final int MAX_REBINDS = 20;

  private JsonBinding() {}

  /** Has a mapper refuse unknown keys, and numbers and truths in the place of texts. */
  public static JsonMapper.Builder strict(JsonMapper.Builder mapper) {
    return mapper
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .withCoercionConfig(
            LogicalType.Textual,
            c ->
                c.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail));
  }

  /**
   * Binds the tree.
   *
   * @param tree is changed where it doesn't fit
   * @throws Problem with every fault, if there's one
   */
  public static <T> T bind(JsonMapper mapper, JsonNode tree, Class<T> type) {
    return type.cast(bind(mapper, tree, mapper.constructType(type)));
  }

  /**
   * Most faults are noted while the binding goes on; one that ends it is noted, replaced by a
   * harmless value, and all bound again, so that the caller learns of all in one answer.
   */
  static Object bind(JsonMapper mapper, JsonNode tree, JavaType target) {
    List<Problem.Fault> found = new ArrayList<>();
    while (true) {
      BodyFaults noted = new BodyFaults();
      try (JsonParser parser = mapper.treeAsTokens(tree)) {
        Object value = mapper.readerFor(target).withHandler(noted).readValue(parser);
        found.addAll(noted.list());
        if (found.isEmpty()) {
          return value;
        }
        throw Problem.invalid(found);
      } catch (JacksonException e) {
        found.add(ProblemOf.fault(e));
        if (found.size() >= MAX_REBINDS || !replace(tree, e.getPath(), placeholder(e))) {
          throw Problem.invalid(found);
        }
      }
    }
  }

  private static JsonNode placeholder(JacksonException e) {
    Class<?> wanted = e instanceof MismatchedInputException m ? m.getTargetType() : int.class;
    if (wanted == boolean.class) {
      return BooleanNode.FALSE;
    }
    return wanted != null && wanted.isPrimitive() ? IntNode.valueOf(0) : NullNode.instance;
  }

  private static boolean replace(
      JsonNode tree, List<JacksonException.Reference> path, JsonNode placeholder) {
    JsonNode at = tree;
    for (int i = 0; i < path.size(); i++) {
      JacksonException.Reference step = path.get(i);
      boolean last = i == path.size() - 1;
      if (at instanceof ObjectNode object && step.getPropertyName() != null) {
        if (last) {
          return object.replace(step.getPropertyName(), placeholder) != null;
        }
        at = object.path(step.getPropertyName());
      } else if (at instanceof ArrayNode array && array.has(step.getIndex())) {
        if (last) {
          array.set(step.getIndex(), placeholder);
          return true;
        }
        at = array.path(step.getIndex());
      } else {
        return false;
      }
    }
    return false;
  }
}
