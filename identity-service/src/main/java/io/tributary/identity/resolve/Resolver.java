package io.tributary.identity.resolve;

import io.tributary.identity.resolve.Decisions.Cause;
import io.tributary.identity.resolve.Decisions.Reason;
import io.tributary.identity.resolve.Decisions.Refusal;
import io.tributary.identity.resolve.Decisions.Resolution;
import io.tributary.identity.resolve.Decisions.Rule;
import io.tributary.identity.resolve.Facts.Holding;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Decides whose the events of a batch are. The strongest identifier names the person; whoever else
 * is named becomes the same person unless a limit forbids it, and then the weaker identifier stays
 * where it is. Later events see what earlier ones decided.
 */
public final class Resolver {
  private final Graph graph;
  private final Instant now;
  private final List<Refusal> refusals = new ArrayList<>();

  private Resolver(Graph graph, Instant now) {
    this.graph = graph;
    this.now = now;
  }

  /** Decides a batch of usable events; the same facts in the same order give the same graph. */
  public static Decisions resolve(Facts facts, List<Incoming> events, NewIds ids, Instant now) {
    Graph graph = new Graph(facts, ids, now);
    Resolver resolver = new Resolver(graph, now);
    List<Resolution> resolutions = new ArrayList<>(events.size());
    for (int i = 0; i < events.size(); i++) {
      resolutions.add(resolver.new Step(events.get(i), i).resolve());
    }
    return graph.decisions(resolutions, resolver.refusals);
  }

  /** An identifier that stays with its owner. */
  private record Kept(Identifier identifier, UUID owner, Reason reason) {}

  /** One event. */
  private final class Step {
    private final Incoming event;
    private final int index;
    private final List<Identifier> unowned = new ArrayList<>();
    private final List<Kept> kept = new ArrayList<>();
    private @Nullable UUID home;
    private @Nullable Identifier strongest;

    Step(Incoming event, int index) {
      this.event = event;
      this.index = index;
    }

    Resolution resolve() {
      for (Identifier identifier : candidates()) {
        Optional<UUID> owner = graph.owner(identifier, event.at());
        if (owner.isEmpty()) {
          unowned.add(identifier);
        } else if (home == null) {
          begin(identifier, owner.get());
        } else {
          link(identifier, owner.get());
        }
      }
      UUID found = home != null ? home : graph.create(event.workspaceId());
      unowned.forEach(identifier -> graph.assign(identifier, Holding.ALWAYS, found, event));
      kept.forEach(refused -> refuse(refused, found));
      return new Resolution(found, graph.root(found));
    }

    /** The event's own identifiers; an alias adds its earlier name behind the one of its kind. */
    private List<Identifier> candidates() {
      Incoming.Previous previous = event.previous();
      if (previous == null) {
        return event.identifiers();
      }
      boolean isUser = graph.owner(previous.asUserId(), event.at()).isPresent();
      Identifier earlier = isUser ? previous.asUserId() : previous.asAnonymousId();
      List<Identifier> all = new ArrayList<>(event.identifiers());
      if (!all.contains(earlier)) {
        int place = 0;
        while (isUser && place < all.size() && all.get(place).isUserId()) {
          place++;
        }
        all.add(isUser ? place : all.size(), earlier);
      }
      return all;
    }

    /** The strongest owned identifier names the person, unless that person has another userId. */
    private void begin(Identifier identifier, UUID owner) {
      Identifier userId = unowned.stream().filter(Identifier::isUserId).findFirst().orElse(null);
      if (userId != null && graph.userId(owner) != null) {
        kept.add(new Kept(identifier, owner, Reason.OTHER_USER_ID));
        return;
      }
      home = owner;
      strongest = identifier;
      if (userId != null) {
        // From here on the limit applies to everything else that the event names.
        graph.assign(userId, Holding.ALWAYS, owner, event);
        unowned.remove(userId);
        strongest = userId;
      }
    }

    private void link(Identifier identifier, UUID owner) {
      UUID to = java.util.Objects.requireNonNull(home);
      Optional<Reason> obstacle = graph.obstacle(to, owner);
      if (obstacle.isPresent()) {
        kept.add(new Kept(identifier, owner, obstacle.get()));
        return;
      }
      graph.merge(to, owner, index, cause(identifier));
    }

    private Cause cause(Identifier identifier) {
      Rule rule =
          event.isAliasOf(identifier)
              ? Rule.ALIAS
              : identifier.isHeldOverTime() ? Rule.DEVICE : Rule.IDENTIFIERS;
      String first = java.util.Objects.requireNonNull(strongest).type();
      return new Cause(rule, List.of(first, identifier.type()), event.messageId());
    }

    /** Records what stays apart; a device changes hands from the time of the event on. */
    private void refuse(Kept refused, UUID found) {
      Identifier identifier = refused.identifier();
      refusals.add(
          new Refusal(
              event.workspaceId(),
              found,
              identifier,
              refused.owner(),
              refused.reason(),
              event.messageId(),
              now));
      if (identifier.isHeldOverTime()) {
        graph.assign(identifier, event.at(), found, event);
      }
    }
  }
}
