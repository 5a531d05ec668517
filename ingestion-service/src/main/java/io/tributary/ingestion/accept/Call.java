package io.tributary.ingestion.accept;

import io.tributary.event.EventType;
import java.util.Optional;

/**
 * What the path of a request says: one event of a type, or a batch.
 *
 * @param type the type of the one event; empty for a batch, whose events say it themselves
 */
public record Call(Optional<EventType> type) {
  /** Several events in the field {@code batch}. */
  public static final Call BATCH = new Call(Optional.empty());

  /** One event of this type. */
  public static Call of(EventType type) {
    return new Call(Optional.of(type));
  }
}
