package io.tributary.ingestion.transform;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * A change to an event. Events differ: where there is nothing to change, nothing is changed, and
 * that is no problem.
 */
public sealed interface Op {

  /** Where. */
  Place place();

  /** Puts the value there, in the place of what is there; objects on the way are made. */
  record Set(Place place, JsonNode value) implements Op {}

  /** Takes away what is there. */
  record Remove(Place place) implements Op {}

  /** Puts what is at one place to another one, in the place of what is there. */
  record Move(Place from, Place place) implements Op {}

  /** Gives a field another name, in the same object. */
  record Rename(Place place, String to) implements Op {}

  /** Makes another type of what is there, where that loses nothing. */
  record Cast(Place place, Type to) implements Op {}

  /**
   * Puts another value in the place of one that is known.
   *
   * @param values by the text of what is there
   * @param otherwise for what isn't known; null leaves that as it is
   */
  record Translate(Place place, Map<String, JsonNode> values, @Nullable JsonNode otherwise)
      implements Op {
    /** Copies the map. */
    public Translate {
      values = Map.copyOf(values);
    }
  }

  /** Puts there what an expression says; nothing where that is null. */
  record Compute(Place place, Expression expression) implements Op {}

  /** Writes what is there in the one form that all share. */
  record Standardize(Place place, Standard as) implements Op {}

  /** Leaves of a text as much as tells two apart, but not whose it is. */
  record Mask(Place place) implements Op {}

  /** Puts a keyed hash there: the same for the same text, of which nobody can tell the text. */
  record Hash(Place place, HashKey key) implements Op {}

  /** Has the event refused that brings something there. */
  record Refuse(Place place) implements Op {}

  /** Fills in what the event's own context tells. */
  record Enrich(Enrichment with) implements Op {
    @Override
    public Place place() {
      return with.place();
    }
  }

  /** Fills in where the sender's address is. */
  record Locate(Place place, Locations locations) implements Op {}

  /** Its name in requests and notes. */
  default String wire() {
    return this instanceof Locate ? "enrich" : getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  /** Whether it's there so that something isn't kept: then what was there may be noted nowhere. */
  default boolean withholds() {
    return switch (this) {
      case Remove _, Mask _, Hash _, Refuse _ -> true;
      case Enrich enrich -> enrich.with().withholds();
      case Set _, Move _, Rename _, Cast _, Translate _, Compute _, Standardize _, Locate _ ->
          false;
    };
  }

  /** Hears what a change came to. */
  interface Report {
    /** Of whom nobody asks. */
    Report NONE =
        new Report() {
          @Override
          public void changed(Op op, JsonNode was) {}

          @Override
          public void problem(Op op, Place.@Nullable Slot slot, String reason) {}

          @Override
          public void refused(Op op) {}
        };

    /** Something else stands there now. */
    void changed(Op op, JsonNode was);

    /**
     * It couldn't be done; what was there still is.
     *
     * @param slot what it couldn't be done to, if that's known
     */
    void problem(Op op, Place.@Nullable Slot slot, String reason);

    /** The event may not pass. */
    void refused(Op op);
  }

  /** Makes all changes to the event, in their order. */
  static void apply(List<Op> ops, ObjectNode event) {
    ops.forEach(op -> op.apply(event, Report.NONE));
  }

  /** Makes the change to the event. */
  default void apply(ObjectNode event, Report report) {
    switch (this) {
      case Set set -> set(event, set.place, set.value, report);
      case Remove remove -> remove.place.each(event, Place.Slot::remove);
      case Move move -> move(event, move, report);
      case Rename rename -> rename.place.each(event, slot -> rename(slot, rename.to, report));
      case Cast cast ->
          cast.place.each(
              event,
              slot ->
                  replace(slot, cast.to.cast(slot.value()), "is not a " + cast.to.wire(), report));
      case Translate translate ->
          translate.place.each(event, slot -> translate(slot, translate, report));
      case Compute compute -> compute(event, compute, report);
      case Standardize standard ->
          standard.place.each(event, slot -> standardize(slot, standard.as, report));
      case Mask mask ->
          mask.place.each(event, slot -> slot.set(withoutTexts(slot.value(), Masks::mask)));
      case Hash hash ->
          hash.place.each(event, slot -> slot.set(withoutTexts(slot.value(), hash.key::hash)));
      case Refuse refuse ->
          refuse.place.each(
              event,
              slot -> {
                if (!slot.value().isNull()) {
                  report.refused(this);
                }
                slot.remove();
              });
      case Enrich enrich ->
          enrich.with.apply(event).ifPresent(reason -> report.problem(this, null, reason));
      case Locate locate ->
          locate.locations.apply(event).ifPresent(reason -> report.problem(this, null, reason));
    }
  }

  private void set(ObjectNode event, Place place, JsonNode value, Report report) {
    JsonNode was = place.isMany() ? MissingNode.getInstance() : place.find(event);
    if (!place.put(event, value)) {
      report.problem(this, null, "lies in something that is no object");
    } else if (!was.isMissingNode() && !was.equals(value)) {
      report.changed(this, was);
    }
  }

  private void move(ObjectNode event, Move move, Report report) {
    JsonNode moved = move.from.find(event);
    if (moved.isMissingNode()) {
      return;
    }
    move.from.each(event, Place.Slot::remove);
    JsonNode was = move.place.find(event);
    if (!move.place.put(event, moved)) {
      move.from.put(event, moved);
      report.problem(this, null, "can't be moved into something that is no object");
    } else if (!was.isMissingNode()) {
      report.changed(this, was);
    }
  }

  private void rename(Place.Slot slot, String to, Report report) {
    if (slot instanceof Place.Slot.OfObject(ObjectNode parent, String name) && !name.equals(to)) {
      JsonNode was = parent.get(to);
      parent.set(to, parent.remove(name));
      if (was != null) {
        report.changed(this, was);
      }
    }
  }

  private void translate(Place.Slot slot, Translate translate, Report report) {
    JsonNode was = slot.value();
    JsonNode value = was.isValueNode() ? translate.values.get(was.asString()) : null;
    if (value == null) {
      value = translate.otherwise;
    }
    if (value != null && !value.equals(was)) {
      slot.set(value.deepCopy());
      report.changed(this, was);
    }
  }

  private void compute(ObjectNode event, Compute compute, Report report) {
    switch (compute.expression.value(event, compute.place.find(event))) {
      case Expression.Computed.Value(JsonNode value) -> set(event, compute.place, value, report);
      case Expression.Computed.Nothing _ -> {
        // The expression says so.
      }
      case Expression.Computed.Problem(String reason) -> report.problem(this, null, reason);
    }
  }

  private void standardize(Place.Slot slot, Standard standard, Report report) {
    JsonNode was = slot.value();
    if (was.isNull() || (was.isString() && was.stringValue().isBlank())) {
      return;
    }
    Optional<JsonNode> standardized =
        was.isValueNode() ? standard.of(was.asString()).map(StringNode::valueOf) : Optional.empty();
    replace(slot, standardized, "is no " + standard.kind(), report);
  }

  private void replace(Place.Slot slot, Optional<JsonNode> value, String reason, Report report) {
    JsonNode was = slot.value();
    if (value.isEmpty()) {
      if (!was.isNull()) {
        report.problem(this, slot, reason);
      }
    } else if (!value.get().equals(was)) {
      slot.set(value.get());
      report.changed(this, was);
    }
  }

  /** The same with other texts and numbers, however deep they lie; names of fields stay. */
  private static JsonNode withoutTexts(JsonNode value, UnaryOperator<String> change) {
    return switch (value) {
      case ObjectNode object -> {
        ObjectNode out = object.objectNode();
        object
            .properties()
            .forEach(field -> out.set(field.getKey(), withoutTexts(field.getValue(), change)));
        yield out;
      }
      case ArrayNode list -> {
        ArrayNode out = list.arrayNode(list.size());
        list.forEach(item -> out.add(withoutTexts(item, change)));
        yield out;
      }
      default ->
          value.isNull() || value.isMissingNode()
              ? value
              : StringNode.valueOf(change.apply(value.asString()));
    };
  }
}
