package io.tributary.ingestion.quarantine;

import io.tributary.web.Faults;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/** Reads edits from a request; all that is wrong with them is noted at once. */
final class Edits {
  private static final int MAX = 20;

  private Edits() {}

  static List<Edit> read(
      @Nullable List<QuarantineEndpoint.@Nullable EditBody> bodies, Faults faults) {
    if (bodies == null) {
      return List.of();
    }
    faults.check(bodies.size() <= MAX, "edits", "too_many", "has more than " + MAX + " entries");
    List<Edit> edits = new ArrayList<>();
    for (int i = 0; i < Math.min(bodies.size(), MAX); i++) {
      String at = "edits[" + i + "]";
      QuarantineEndpoint.EditBody body = faults.required(bodies.get(i), at);
      if (body != null) {
        read(body, at, faults).ifPresent(edits::add);
      }
    }
    return edits;
  }

  private static Optional<Edit> read(QuarantineEndpoint.EditBody body, String at, Faults faults) {
    Optional<JsonPointer> path = pointer(body.path(), at + ".path", faults);
    return switch (body.op() == null ? "" : body.op()) {
      case "set" -> {
        JsonNode value = faults.required(body.value(), at + ".value");
        yield value == null ? Optional.empty() : path.map(place -> new Edit.Set(place, value));
      }
      case "remove" -> path.map(Edit.Remove::new);
      case "move" -> {
        Optional<JsonPointer> from = pointer(body.from(), at + ".from", faults);
        yield from.flatMap(source -> path.map(place -> new Edit.Move(source, place)));
      }
      case "cast" -> {
        Optional<Edit.Type> to = Edit.type(body.to());
        faults.check(
            to.isPresent(), at + ".to", "invalid_value", "must be number, string or boolean");
        yield to.flatMap(type -> path.map(place -> new Edit.Cast(place, type)));
      }
      default -> {
        faults.add(at + ".op", "invalid_value", "must be set, remove, move or cast");
        yield Optional.empty();
      }
    };
  }

  /** A place within the event. Its message id is none: many events of one id would be one event. */
  private static Optional<JsonPointer> pointer(@Nullable String text, String at, Faults faults) {
    if (text == null || text.length() > 500 || !text.startsWith("/")) {
      faults.add(
          at, "invalid", "must be a JSON Pointer of at most 500 characters: /properties/total");
      return Optional.empty();
    }
    JsonPointer pointer = JsonPointer.compile(text);
    if ("messageId".equals(pointer.getMatchingProperty())) {
      faults.add(
          at, "not_editable", "must not be the message id, which makes an event one of its own");
      return Optional.empty();
    }
    return Optional.of(pointer);
  }
}
