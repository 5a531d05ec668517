package io.tributary.identity.resolve;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a batch's identifiers before it's decided. A fact may be out of date as long as
 * nothing that's decided from it is written: components only grow and never lose their user id
 * while the facts are in use.
 *
 * @param holdings per identifier who owns it from when on, sorted by time, for the times of the
 *     batch's events; only an anonymousId has more than one
 * @param roots the root of each home that owns something
 * @param vetoes pairs of homes' roots that were split by hand
 */
public record Facts(
    Map<Identifier, List<Holding>> holdings, Map<UUID, Root> roots, Set<Veto> vetoes) {

  /** Nothing known. */
  public static final Facts NONE = new Facts(Map.of(), Map.of(), Set.of());

  /** Copies the collections. */
  public Facts {
    holdings = Map.copyOf(holdings);
    roots = Map.copyOf(roots);
    vetoes = Set.copyOf(vetoes);
  }

  /**
   * Who owns an identifier from a time on.
   *
   * @param from {@link #ALWAYS} for the first
   */
  public record Holding(Instant from, UUID home) {
    /** Stands before every time that an event can have. */
    public static final Instant ALWAYS = Instant.MIN;
  }

  /**
   * The root of a component.
   *
   * @param userId the one userId of the component
   * @param homes how many homes the component has
   * @param linkVersion how often the root's own link has changed
   */
  public record Root(
      UUID id,
      String workspaceId,
      Instant createdAt,
      @Nullable String userId,
      int homes,
      long linkVersion) {}

  /** Two roots whose components must stay apart; in the order of their ids. */
  public record Veto(UUID low, UUID high) {
    /** Puts the two in order. */
    public static Veto of(UUID one, UUID other) {
      return Order.compare(one, other) <= 0 ? new Veto(one, other) : new Veto(other, one);
    }
  }
}
