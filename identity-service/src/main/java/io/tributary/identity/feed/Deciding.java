package io.tributary.identity.feed;

import io.tributary.identity.resolve.Decisions;
import io.tributary.identity.resolve.Facts;
import io.tributary.identity.resolve.Identifier;
import io.tributary.identity.resolve.Incoming;
import io.tributary.identity.resolve.NewIds;
import io.tributary.identity.resolve.Resolver;
import io.tributary.identity.store.DecisionStore;
import io.tributary.identity.store.Epoch;
import io.tributary.identity.store.EpochStore;
import io.tributary.identity.store.FactStore;
import io.tributary.identity.store.Lookup;
import io.tributary.identity.store.RootKey;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Reads and decides, and writes what was decided. Most batches change no root and lock none. Where
 * one does, the roots are locked in order, everything is read again under the locks, and decided
 * again, until the decision needs no lock that isn't held.
 */
public final class Deciding {
  private final EpochStore epochs = new EpochStore();
  private final DecisionStore decisionStore = new DecisionStore();
  private final FactStore facts;
  private final NewIds ids;

  /** Decides with the given facts. */
  public Deciding(FactStore facts, NewIds ids) {
    this.facts = facts;
    this.ids = ids;
  }

  Decisions decide(Connection connection, List<Intake> intakes, Instant now) throws SQLException {
    List<Incoming> events = intakes.stream().map(Intake::incoming).toList();
    if (events.isEmpty()) {
      return Resolver.resolve(Facts.NONE, events, ids, now);
    }
    Set<String> workspaces =
        events.stream().map(Incoming::workspaceId).collect(Collectors.toCollection(TreeSet::new));
    Map<String, Epoch> held = epochs.share(connection, workspaces);
    Collection<Lookup> lookups = lookups(events);
    Facts known = facts.load(connection, held, lookups, false);
    Decisions decisions = Resolver.resolve(known, events, ids, now);
    Set<RootKey> locks = decisionStore.locksFor(decisions);
    return locks.isEmpty()
        ? decisions
        : decideLocked(connection, events, lookups, held, locks, now);
  }

  void write(Connection connection, Decisions decisions, List<Intake> intakes, Instant now)
      throws SQLException {
    decisionStore.write(connection, decisions, intakes.stream().map(Intake::record).toList(), now);
  }

  private static Collection<Lookup> lookups(List<Incoming> events) {
    Map<Identifier, Lookup> lookups = new LinkedHashMap<>();
    for (Incoming event : events) {
      event
          .lookups()
          .forEach(identifier ->
              lookups.merge(
                  identifier, new Lookup(identifier, event.at(), event.at()), Lookup::and));
    }
    return lookups.values();
  }

  private Decisions decideLocked(
      Connection connection,
      List<Incoming> events,
      Collection<Lookup> lookups,
      Map<String, Epoch> held,
      Set<RootKey> first,
      Instant now)
      throws SQLException {
    TreeSet<RootKey> locks = new TreeSet<>(first);
    Savepoint unlocked = connection.setSavepoint();
    while (true) {
      decisionStore.lock(connection, new ArrayList<>(locks));
      Facts known = facts.load(connection, held, lookups, true);
      Decisions decisions = Resolver.resolve(known, events, ids, now);
      Set<RootKey> needed = decisionStore.locksFor(decisions);
      if (locks.containsAll(needed)) {
        connection.releaseSavepoint(unlocked);
        return decisions;
      }
      // Going back to the savepoint lets go of the locks, so that all are taken anew in order.
      connection.rollback(unlocked);
      locks.addAll(needed);
    }
  }
}
