package io.tributary.identity.store;

import io.tributary.identity.resolve.Identifier;
import java.time.Instant;

/** An identifier whose owners from the earliest to the latest of some times are wanted. */
public record Lookup(Identifier identifier, Instant earliest, Instant latest) {
  /** Both as one. */
  public Lookup and(Lookup other) {
    return new Lookup(
        identifier,
        earliest.isBefore(other.earliest) ? earliest : other.earliest,
        latest.isAfter(other.latest) ? latest : other.latest);
  }
}
