package io.tributary.ingestion.transform;

import io.tributary.event.EventType;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which events something is for.
 *
 * @param types of calls, such as track; empty for all
 * @param events names of tracked events; empty for all
 * @param when must hold; null for always
 */
public record Only(Set<String> types, Set<String> events, @Nullable Expression when) {
  /** Copies the sets. */
  public Only {
    types = Set.copyOf(types);
    events = Set.copyOf(events);
  }

  /**
   * Whether an event is one of these.
   *
   * @param unsure the answer where that can't be told: the condition fails, or the event has no
   *     type or no name, for which it will be refused
   */
  public boolean matches(ObjectNode event, boolean unsure) {
    String type = event.path("type").asString("");
    boolean known = EventType.tryParse(type).isPresent();
    if (!types.isEmpty() && !types.contains(type) && (known || !unsure)) {
      return false;
    }
    String name = event.path("event").asString("");
    boolean nameless = name.isBlank() && (!known || type.equals(EventType.TRACK.wire()));
    if (!events.isEmpty() && !events.contains(name) && !(nameless && unsure)) {
      return false;
    }
    Optional<Boolean> holds = when == null ? Optional.of(true) : when.holds(event);
    return holds.orElse(unsure);
  }
}
