package io.tributary.segment.feed;

import io.tributary.event.SegmentChange.Reason;
import io.tributary.segment.membership.Crossings;
import io.tributary.segment.membership.ProfileState;
import io.tributary.segment.membership.Standing;
import io.tributary.segment.store.ProfileKey;
import io.tributary.segment.store.Stores;
import io.tributary.segment.store.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Makes people leave, or enter, when a window runs out. What is due at a moment is acted upon once
 * everything that was accepted up to it has been applied; while the pipeline lags, nothing is.
 * Several processes may do this at once: who comes second finds nothing due under the lock.
 */
public final class Timers {
  private static final Logger log = LoggerFactory.getLogger(Timers.class);
  private static final int BATCH = 500;

  private final Stores stores;
  private final Transactions transactions;
  private final Supplier<BooleanSupplier> horizon;
  private final Clock clock;
  private final Runnable crossed;
  private @Nullable Pending pending;

  private record Pending(Instant until, BooleanSupplier passed) {}

  /**
   * Timers over the given stores.
   *
   * @param horizon takes the place up to which events are accepted now, and answers what says
   *     whether all of them have been applied here
   * @param crossed called when there are crossings to relay
   */
  public Timers(
      Stores stores,
      Transactions transactions,
      Supplier<BooleanSupplier> horizon,
      Clock clock,
      Runnable crossed) {
    this.stores = stores;
    this.transactions = transactions;
    this.horizon = horizon;
    this.clock = clock;
    this.crossed = crossed;
  }

  /** Looks once; answers how many crossings there were. One thread at a time. */
  public int tick() throws SQLException {
    Pending waiting = pending;
    if (waiting == null) {
      // The moment first, then the place: all that was accepted before the moment lies before it.
      Instant until = clock.instant().truncatedTo(ChronoUnit.MICROS);
      if (!transactions.commit(connection -> stores.memberships().isDue(connection, until))) {
        return 0;
      }
      waiting = new Pending(until, horizon.get());
      pending = waiting;
    }
    if (!waiting.passed().getAsBoolean()) {
      return 0;
    }
    pending = null;
    return fireAll(waiting.until());
  }

  private int fireAll(Instant until) throws SQLException {
    int crossings = 0;
    while (!Thread.currentThread().isInterrupted()) {
      Fired fired = transactions.commit(connection -> fire(connection, until));
      if (fired.profiles() == 0) {
        break;
      }
      crossings += fired.crossings();
    }
    if (crossings > 0) {
      crossed.run();
      log.info("timers until={} crossings={}", until, crossings);
    }
    return crossings;
  }

  private record Fired(int profiles, int crossings) {}

  private Fired fire(Connection connection, Instant until) throws SQLException {
    SortedSet<ProfileKey> due = stores.memberships().due(connection, until, BATCH);
    if (due.isEmpty()) {
      return new Fired(0, 0);
    }
    SortedSet<String> workspaces =
        due.stream().map(ProfileKey::workspaceId).collect(Collectors.toCollection(TreeSet::new));
    Round round = new Round(stores, connection, workspaces);
    round.lock(due, clock);
    Map<ProfileKey, Set<String>> segmentIds = new HashMap<>();
    for (ProfileKey key : due) {
      segmentIds.put(
          key,
          round.standings(key).values().stream()
              .filter(standing -> isDue(standing, until))
              .map(Standing::segmentId)
              .collect(Collectors.toSet()));
    }
    round.load(segmentIds, Map.of());
    for (ProfileKey key : due) {
      expire(round, key, until);
    }
    return new Fired(due.size(), round.write());
  }

  private static boolean isDue(Standing standing, Instant until) {
    return standing.dueAt() != null && !standing.dueAt().isAfter(until);
  }

  private static void expire(Round round, ProfileKey key, Instant until) {
    if (round.isRoot(key)) {
      round.put(
          key,
          Crossings.expire(
              round.definitions(key.workspaceId()), round.state(key), until, round.now()));
      return;
    }
    // Absorbed or erased meanwhile; the record that says so is still on its way.
    ProfileState bare =
        new ProfileState(JsonNodeFactory.instance.objectNode(), Map.of(), round.standings(key));
    Reason reason = round.exists(key) ? Reason.MERGE : Reason.ERASURE;
    round.put(key, Crossings.leave(bare, reason, round.now()));
  }
}
