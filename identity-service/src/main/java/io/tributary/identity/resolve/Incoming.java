package io.tributary.identity.resolve;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What matters of an event for finding out whose it is.
 *
 * @param at when it happened
 * @param identifiers usable ones, the strongest first
 * @param previous what an alias call wants to be linked; null for everything else and where it
 *     names the person itself
 */
public record Incoming(
    String workspaceId,
    String sourceId,
    String messageId,
    Instant at,
    List<Identifier> identifiers,
    @Nullable Previous previous) {

  /**
   * The earlier name of an alias call, which doesn't say what it is: a user id if there is such a
   * user, else a device.
   */
  public record Previous(Identifier asUserId, Identifier asAnonymousId) {}

  /** Cuts the time to the microseconds that the store keeps. */
  public Incoming {
    at = at.truncatedTo(ChronoUnit.MICROS);
    identifiers = List.copyOf(identifiers);
  }

  /** Whether there's anything to find its person by. */
  public boolean isUsable() {
    return !identifiers.isEmpty() || previous != null;
  }

  /** Every identifier whose owner must be known to decide. */
  public Stream<Identifier> lookups() {
    Previous alias = previous;
    return alias == null
        ? identifiers.stream()
        : Stream.concat(identifiers.stream(), Stream.of(alias.asUserId(), alias.asAnonymousId()));
  }

  @Nullable Identifier userId() {
    return identifiers.stream().filter(Identifier::isUserId).findFirst().orElse(null);
  }

  boolean isAliasOf(Identifier identifier) {
    Previous alias = previous;
    return alias != null
        && (Objects.equals(identifier, alias.asUserId())
            || Objects.equals(identifier, alias.asAnonymousId()));
  }
}
