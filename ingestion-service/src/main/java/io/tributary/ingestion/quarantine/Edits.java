package io.tributary.ingestion.quarantine;

import io.tributary.ingestion.transform.Op;
import io.tributary.ingestion.transform.Place;
import io.tributary.ingestion.transform.Type;
import io.tributary.web.Faults;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads edits from a request; all that is wrong with them is noted at once. */
final class Edits {
  private static final int MAX = 20;

  private Edits() {}

  static List<Op> read(
      @Nullable List<QuarantineEndpoint.@Nullable EditBody> bodies, Faults faults) {
    if (bodies == null) {
      return List.of();
    }
    faults.check(bodies.size() <= MAX, "edits", "too_many", "has more than " + MAX + " entries");
    List<Op> edits = new ArrayList<>();
    for (int i = 0; i < Math.min(bodies.size(), MAX); i++) {
      String at = "edits[" + i + "]";
      QuarantineEndpoint.EditBody body = faults.required(bodies.get(i), at);
      if (body != null) {
        read(body, at, faults).ifPresent(edits::add);
      }
    }
    return edits;
  }

  private static Optional<Op> read(QuarantineEndpoint.EditBody body, String at, Faults faults) {
    Optional<Place> path = pointer(body.path(), at + ".path", faults);
    return switch (body.op() == null ? "" : body.op()) {
      case "set" -> {
        JsonNode value = faults.required(body.value(), at + ".value");
        yield value == null ? Optional.empty() : path.map(place -> new Op.Set(place, value));
      }
      case "remove" -> path.map(Op.Remove::new);
      case "move" -> {
        Optional<Place> from = pointer(body.from(), at + ".from", faults);
        faults.check(
            !path.map(Place::isMany).orElse(false) && !from.map(Place::isMany).orElse(false),
            at + ".path",
            "invalid",
            "must be one place, and so must from");
        yield from.flatMap(source -> path.map(place -> new Op.Move(source, place)));
      }
      case "cast" -> {
        Optional<Type> to = Type.of(body.to());
        faults.check(
            to.isPresent(), at + ".to", "invalid_value", "must be number, string or boolean");
        yield to.flatMap(type -> path.map(place -> new Op.Cast(place, type)));
      }
      default -> {
        faults.add(at + ".op", "invalid_value", "must be set, remove, move or cast");
        yield Optional.empty();
      }
    };
  }

  /** A place within the event. Its message id is none: many events of one id would be one event. */
  private static Optional<Place> pointer(@Nullable String text, String at, Faults faults) {
    Optional<Place> place = Place.parse(text);
    if (place.isEmpty()) {
      faults.add(
          at,
          "invalid",
          "must be a JSON Pointer of at most "
              + Place.MAX_LENGTH
              + " characters: /properties/total");
    } else if (place.get().root().equals("messageId")) {
      faults.add(
          at, "not_editable", "must not be the message id, which makes an event one of its own");
      return Optional.empty();
    }
    return place;
  }
}
