package io.tributary.ingestion.transform;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A place in an event, written as a JSON Pointer (RFC 6901), or many of them: the step {@code *}
 * stands for every item of a list.
 *
 * @param text as it was written
 * @param steps names and numbers, from the event inwards
 */
public record Place(String text, List<String> steps) {
  /** Characters of a pointer. */
  public static final int MAX_LENGTH = 500;

  private static final String EACH = "*";

  /** As deep as events nest. */
  private static final int MAX_DEPTH = 32;

  /** Copies the steps. */
  public Place {
    steps = List.copyOf(steps);
  }

  /** Reads a pointer; empty for what is none, names the event as a whole, or lies too deep. */
  public static Optional<Place> parse(@Nullable String text) {
    if (text == null || text.length() > MAX_LENGTH || !text.startsWith("/")) {
      return Optional.empty();
    }
    List<String> steps = new ArrayList<>();
    for (String step : text.substring(1).split("/", -1)) {
      steps.add(step.replace("~1", "/").replace("~0", "~"));
    }
    return steps.size() > MAX_DEPTH ? Optional.empty() : Optional.of(new Place(text, steps));
  }

  /** The field of the event that it begins in. */
  public String root() {
    return steps.getFirst();
  }

  /** Whether it can be more than one place. */
  public boolean isMany() {
    return steps.contains(EACH);
  }

  /** The form in which reasons name it: {@code properties.products[].price}. */
  public String path() {
    StringBuilder path = new StringBuilder();
    for (String step : steps) {
      if (step.equals(EACH)) {
        path.append("[]");
      } else {
        path.append(path.isEmpty() ? "" : ".").append(step);
      }
    }
    return path.toString();
  }

  /** Where something stands, in an object or in a list. */
  sealed interface Slot {

    JsonNode value();

    void set(JsonNode value);

    void remove();

    /** A field of an object. */
    record OfObject(ObjectNode parent, String name) implements Slot {
      @Override
      public JsonNode value() {
        return parent.path(name);
      }

      @Override
      public void set(JsonNode value) {
        parent.set(name, value);
      }

      @Override
      public void remove() {
        parent.remove(name);
      }
    }

    /** An item of a list. */
    record OfList(ArrayNode parent, int index) implements Slot {
      @Override
      public JsonNode value() {
        return parent.path(index);
      }

      @Override
      public void set(JsonNode value) {
        parent.set(index, value);
      }

      @Override
      public void remove() {
        parent.remove(index);
      }
    }
  }

  /** What stands there first; missing where nothing does. */
  JsonNode find(ObjectNode event) {
    List<JsonNode> found = new ArrayList<>(1);
    each(event, slot -> found.add(slot.value()));
    // Lists are walked from their end.
    return found.isEmpty() ? MissingNode.getInstance() : found.getLast();
  }

  /** Whether something stands there. */
  boolean isIn(ObjectNode event) {
    boolean[] found = new boolean[1];
    each(event, slot -> found[0] = true);
    return found[0];
  }

  /** Visits all that stands there; a visitor may change or remove what it's shown. */
  void each(ObjectNode event, Consumer<Slot> visitor) {
    each(event, 0, visitor);
  }

  private void each(JsonNode at, int depth, Consumer<Slot> visitor) {
    String step = steps.get(depth);
    boolean last = depth == steps.size() - 1;
    switch (at) {
      case ObjectNode object -> {
        if (!object.has(step)) {
          return;
        }
        if (last) {
          visitor.accept(new Slot.OfObject(object, step));
        } else {
          each(object.get(step), depth + 1, visitor);
        }
      }
      case ArrayNode list -> {
        int from = step.equals(EACH) ? 0 : index(step);
        int to = step.equals(EACH) ? list.size() - 1 : from;
        // From the end: what is removed moves only those that were visited.
        for (int i = Math.min(to, list.size() - 1); i >= Math.max(from, 0) && from >= 0; i--) {
          if (last) {
            visitor.accept(new Slot.OfList(list, i));
          } else {
            each(list.get(i), depth + 1, visitor);
          }
        }
      }
      default -> {
        // A text or a number has no places.
      }
    }
  }

  /**
   * Puts a value there, in the place of what is there; objects on the way are made.
   *
   * @return whether there was a place for it: a text or a number has none
   */
  boolean put(ObjectNode event, JsonNode value) {
    return put(event, 0, value);
  }

  private boolean put(JsonNode at, int depth, JsonNode value) {
    String step = steps.get(depth);
    boolean last = depth == steps.size() - 1;
    return switch (at) {
      case ObjectNode object -> {
        if (last) {
          object.set(step, value.deepCopy());
          yield true;
        }
        JsonNode next = object.get(step);
        yield put(next == null || next.isNull() ? object.putObject(step) : next, depth + 1, value);
      }
      case ArrayNode list -> {
        boolean each = step.equals(EACH);
        boolean done = each;
        for (int i = each ? 0 : index(step); i >= 0 && i < list.size(); i++) {
          if (last) {
            list.set(i, value.deepCopy());
            done = true;
          } else {
            done = put(list.get(i), depth + 1, value) || each;
          }
          if (!each) {
            break;
          }
        }
        yield done;
      }
      default -> false;
    };
  }

  /** The item of a list that a step names; negative for none. */
  private static int index(String step) {
    if (step.isEmpty() || step.length() > 6 || (step.length() > 1 && step.charAt(0) == '0')) {
      return -1;
    }
    int index = 0;
    for (int i = 0; i < step.length(); i++) {
      char c = step.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      index = index * 10 + (c - '0');
    }
    return index;
  }
}
