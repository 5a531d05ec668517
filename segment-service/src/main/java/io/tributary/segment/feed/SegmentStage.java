package io.tributary.segment.feed;

import io.tributary.event.MalformedRecordException;
import io.tributary.event.ProfileChange;
import io.tributary.event.ProfileChange.ProfileErased;
import io.tributary.event.ProfileChange.ProfileEvent;
import io.tributary.event.ProfileChange.ProfileRelinked;
import io.tributary.event.SegmentChange.Reason;
import io.tributary.segment.membership.Cause;
import io.tributary.segment.membership.Crossings;
import io.tributary.segment.membership.Definitions;
import io.tributary.segment.membership.ProfileState;
import io.tributary.segment.store.MessageKey;
import io.tributary.segment.store.ProfileKey;
import io.tributary.segment.store.Stores;
import io.tributary.stream.ControlTotals;
import io.tributary.stream.InputRecord;
import io.tributary.stream.Output;
import io.tributary.stream.Quarantine;
import io.tributary.stream.QuarantineEntry;
import io.tributary.stream.Refusals;
import io.tributary.stream.Stage;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Applies profile changes to behaviour and memberships. Idempotent: occurrences are named by their
 * message, and a crossing is decided against the stored standing. What comes out goes through the
 * change log, so there is nothing to emit here.
 */
public final class SegmentStage implements Stage {
  private final Stores stores;
  private final Quarantine quarantine;
  private final ControlTotals totals;
  private final Clock clock;
  private final Runnable crossed;

  /** Whether the batch of this thread has crossings: several threads share the stage. */
  private final ThreadLocal<Boolean> crossings = ThreadLocal.withInitial(() -> false);

  /**
   * A stage over the given stores.
   *
   * @param crossed called after a batch with crossings to relay
   */
  public SegmentStage(
      Stores stores, Quarantine quarantine, ControlTotals totals, Clock clock, Runnable crossed) {
    this.stores = stores;
    this.quarantine = quarantine;
    this.totals = totals;
    this.clock = clock;
    this.crossed = crossed;
  }

  @Override
  public List<Output> apply(Connection connection, List<InputRecord> records) throws SQLException {
    Map<MessageKey, String> traces = new HashMap<>(0);
    List<ProfileChange> changes = decode(connection, records, traces);
    TreeSet<String> workspaces = new TreeSet<>();
    changes.forEach(change -> workspaces.add(change.workspaceId()));
    if (!workspaces.isEmpty()) {
      Round round = new Round(stores, connection, workspaces);
      round.follow(traces);
      if (apply(connection, round, touched(round, changes)) > 0) {
        crossings.set(true);
      }
    }
    totals.add(
        connection,
        Map.of(
            "applied",
            (long) changes.size(),
            "quarantined",
            (long) records.size() - changes.size()));
    return List.of();
  }

  @Override
  public List<Output> reemit(Connection connection, List<InputRecord> records) {
    return List.of();
  }

  @Override
  public void committed() {
    if (crossings.get()) {
      crossings.remove();
      crossed.run();
    }
  }

  private List<ProfileChange> decode(
      Connection connection, List<InputRecord> records, Map<MessageKey, String> traces)
      throws SQLException {
    List<ProfileChange> changes = new ArrayList<>(records.size());
    for (InputRecord record : records) {
      try {
        ProfileChange change = ProfileChange.decode(record.value());
        changes.add(change);
        if (record.trace() != null && change instanceof ProfileEvent event) {
          traces.put(
              new MessageKey(event.workspaceId(), event.event().messageId()), record.trace());
        }
      } catch (MalformedRecordException e) {
        String reasons = Refusals.reason("malformed_record", String.valueOf(e.getMessage()));
        quarantine.add(connection, QuarantineEntry.of("segment", record, reasons, null));
      }
    }
    return changes;
  }

  private static Touched touched(Round round, List<ProfileChange> changes) {
    Touched touched = new Touched();
    for (ProfileChange change : changes) {
      switch (change) {
        case ProfileEvent event -> touched.add(event, round.definitions(event.workspaceId()));
        case ProfileRelinked link -> touched.add(link);
        case ProfileErased erased -> touched.add(erased);
      }
    }
    return touched;
  }

  private int apply(Connection connection, Round round, Touched touched) throws SQLException {
    Set<ProfileKey> homes = relevantHomes(connection, touched);
    Set<ProfileKey> erased = new TreeSet<>();
    // All homes of a person at once, so that the receipt speaks of all of them.
    List<ProfileErased> requests = stores.receipts().ofAllHomes(connection, touched.erased());
    requests.forEach(e -> erased.add(new ProfileKey(e.workspaceId(), e.profileId())));
    Set<ProfileKey> ids = new TreeSet<>(touched.relinked().keySet());
    ids.addAll(erased);
    for (ProfileKey home : homes) {
      ids.add(home);
      ids.add(touched.hint(home));
    }
    if (ids.isEmpty()) {
      return 0;
    }
    round.lockGuessed(ids, clock);
    Set<ProfileKey> fresh = round.unevaluatedRoots();
    Map<ProfileKey, Map<String, Cause>> causes = causes(round, touched, homes, fresh);
    Map<ProfileKey, Set<String>> segmentIds = new HashMap<>();
    causes.forEach((root, own) -> segmentIds.put(root, own.keySet()));
    round.load(segmentIds, touched.occurrences());
    decide(round, causes, erased);
    leave(round, touched, erased);
    int crossings = round.write();
    fresh.retainAll(causes.keySet());
    stores.locks().markEvaluated(connection, fresh);
    forget(connection, round, requests, erased);
    return crossings;
  }

  /** Those whose events touch a segment, or whose profile was never decided about. */
  private Set<ProfileKey> relevantHomes(Connection connection, Touched touched)
      throws SQLException {
    Set<ProfileKey> hints = new HashSet<>();
    for (ProfileKey home : touched.homes()) {
      if (!touched.touchesSomething(home)) {
        hints.add(touched.hint(home));
      }
    }
    Set<ProfileKey> fresh = stores.locks().unevaluated(connection, hints);
    Set<ProfileKey> relevant = new TreeSet<>();
    for (ProfileKey home : touched.homes()) {
      if (touched.touchesSomething(home) || fresh.contains(touched.hint(home))) {
        relevant.add(home);
      }
    }
    return relevant;
  }

  private static Map<ProfileKey, Map<String, Cause>> causes(
      Round round, Touched touched, Set<ProfileKey> homes, Set<ProfileKey> fresh) {
    Map<ProfileKey, Map<String, Cause>> causes = new TreeMap<>();
    touched
        .relinked()
        .forEach((key, reason) -> {
          if (round.isRoot(key)) {
            all(round, key, Cause.of(reason), causes);
          }
        });
    for (ProfileKey home : homes) {
      ProfileKey root = round.rootOf(home);
      if (root == null || !round.isRoot(root)) {
        continue;
      }
      if (fresh.contains(root)) {
        all(round, root, touched.lastEvent(home), causes);
      }
      Map<String, Cause> own = causes.computeIfAbsent(root, _ -> new HashMap<>());
      touched.causes(home).forEach((id, cause) -> own.merge(id, cause, Cause::stronger));
    }
    return causes;
  }

  private static void all(
      Round round, ProfileKey root, Cause cause, Map<ProfileKey, Map<String, Cause>> causes) {
    Definitions definitions = round.definitions(root.workspaceId());
    Map<String, Cause> own = causes.computeIfAbsent(root, _ -> new HashMap<>());
    definitions.order().forEach(segmentId -> own.putIfAbsent(segmentId, cause));
  }

  private static void decide(
      Round round, Map<ProfileKey, Map<String, Cause>> causes, Set<ProfileKey> erased) {
    causes.forEach((root, own) -> {
      if (!own.isEmpty() && !erased.contains(root)) {
        Definitions definitions = round.definitions(root.workspaceId());
        round.put(root, Crossings.decide(definitions, round.state(root), own, round.now()));
      }
    });
  }

  /** Those that were absorbed stand for themselves no more, and those that were erased neither. */
  private static void leave(Round round, Touched touched, Set<ProfileKey> erased) {
    for (ProfileKey key : touched.relinked().keySet()) {
      if (!round.isRoot(key) && round.rootOf(key) != null) {
        round.put(key, Crossings.leave(bare(round, key), Reason.MERGE, round.now()));
      }
    }
    for (ProfileKey key : erased) {
      round.put(key, Crossings.leave(bare(round, key), Reason.ERASURE, round.now()));
    }
  }

  private static ProfileState bare(Round round, ProfileKey key) {
    return new ProfileState(JsonNodeFactory.instance.objectNode(), Map.of(), round.standings(key));
  }

  private void forget(
      Connection connection, Round round, List<ProfileErased> requests, Set<ProfileKey> erased)
      throws SQLException {
    if (erased.isEmpty()) {
      return;
    }
    stores.behaviours().delete(connection, erased);
    stores.memberships().delete(connection, erased);
    stores.transitions().delete(connection, erased);
    stores.locks().delete(connection, erased);
    for (ProfileErased request : requests) {
      stores.receipts().add(connection, request, round.now());
    }
  }
}
