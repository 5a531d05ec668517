package io.tributary.ingestion.quarantine;

import io.tributary.access.Caller;
import io.tributary.ingestion.collect.EventLog;
import io.tributary.ingestion.transform.Op;
import io.tributary.web.Problem;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts back all open entries of a cause, or tells what would become of them. Each call takes a
 * part, the latest entries first, and hands out where the next one goes on; what it was asked for
 * before it began is all it ever meets, since entries made meanwhile are younger. A call that ends
 * halfway is just made again: each entry goes back once.
 */
public final class BulkReplay {
  private static final int MAX_ENTRIES = 500;
  private static final long TIME = Duration.ofSeconds(5).toNanos();

  /** What is appended at a time: the log has a second and a half for it. */
  private static final int MAX_EVENTS = 100;

  private static final int MAX_BYTES = 1 << 20;

  /** More reasons than a person reads. */
  private static final int MAX_REASONS = 50;

  private final QuarantineStore store;
  private final Replay replay;

  /** Takes entries from the store, and has them judged and put back by the replay. */
  public BulkReplay(QuarantineStore store, Replay replay) {
    this.store = store;
    this.replay = replay;
  }

  /**
   * What to put back.
   *
   * @param edits made to each event before it is judged
   * @param dryRun whether nothing is put back
   * @param after the entry before; null to begin
   */
  record Wish(
      QuarantineStore.Filter filter, List<Op> edits, boolean dryRun, @Nullable String after) {}

  /** Why entries stay: how many have this reason, and one of them. */
  record Refused(String code, String path, String message, int count, String entryId) {}

  /**
   * What became of a part.
   *
   * @param examined entries looked at
   * @param replayed entries that went back, or would
   * @param busy entries that somebody else is putting back
   * @param refused the others; an entry counts with each of its reasons
   * @param last where the next part begins; null when this was the last one
   * @param left open entries beyond it, as far as they are counted
   */
  record Part(
      int examined,
      int replayed,
      int busy,
      List<Refused> refused,
      @Nullable String last,
      int left) {}

  private static final class Tally {
    int examined;
    int replayed;
    int busy;
    @Nullable String last;
    final Map<List<String>, Refused> refused = new LinkedHashMap<>();

    void refuse(String id, Problem problem) {
      List<Problem.Fault> faults =
          problem.faults().isEmpty()
              ? List.of(new Problem.Fault("", problem.code(), problem.detail()))
              : problem.faults();
      for (Problem.Fault fault : faults) {
        List<String> key = List.of(fault.code(), fault.path());
        if (refused.containsKey(key) || refused.size() < MAX_REASONS) {
          refused.merge(
              key,
              new Refused(fault.code(), fault.path(), fault.message(), 1, id),
              (known, more) ->
                  new Refused(
                      known.code, known.path, known.message, known.count + 1, known.entryId));
        }
      }
    }
  }

  /** Takes the next part. Ends with 503 when the log doesn't take it; what went before stays. */
  Part next(Caller caller, Wish wish) {
    long end = System.nanoTime() + TIME;
    Tally tally = new Tally();
    List<QuarantineStore.Ref> open =
        store.open(caller.workspaceId(), wish.filter, wish.after, MAX_ENTRIES);
    Map<String, List<EventLog.Entry>> fit = new LinkedHashMap<>();
    int events = 0;
    int bytes = 0;
    for (QuarantineStore.Ref ref : open) {
      if (System.nanoTime() > end) {
        break;
      }
      tally.examined++;
      tally.last = ref.id();
      switch (judge(caller, ref, wish.edits)) {
        case Replay.Unfit unfit -> tally.refuse(ref.id(), unfit.problem());
        case Replay.Fit ready -> {
          fit.put(ref.id(), ready.entries());
          events += ready.entries().size();
          bytes += ref.size();
        }
      }
      if (events >= MAX_EVENTS || bytes >= MAX_BYTES) {
        putBack(caller, wish, fit, tally);
        events = 0;
        bytes = 0;
      }
    }
    putBack(caller, wish, fit, tally);
    boolean more = tally.examined < open.size() || open.size() == MAX_ENTRIES;
    String last = more ? tally.last : null;
    return new Part(
        tally.examined,
        tally.replayed,
        tally.busy,
        tally.refused.values().stream()
            .sorted(Comparator.comparingInt(Refused::count).reversed())
            .toList(),
        last,
        last == null ? 0 : store.count(caller.workspaceId(), wish.filter, last));
  }

  private Replay.Judgement judge(Caller caller, QuarantineStore.Ref ref, List<Op> edits) {
    return store
        .find(caller.workspaceId(), ref.home(), ref.id())
        .map(detail -> replay.judge(caller, detail, edits))
        .orElseGet(() -> new Replay.Unfit(Problem.notFound("The entry is gone.")));
  }

  /** Appends what has been gathered, and gathers anew. */
  private void putBack(
      Caller caller, Wish wish, Map<String, List<EventLog.Entry>> fit, Tally tally) {
    if (!wish.dryRun && !fit.isEmpty()) {
      Set<String> done = replay.putBack(caller, fit).ids();
      tally.busy += fit.size() - done.size();
      fit.keySet().retainAll(done);
    }
    tally.replayed += fit.size();
    fit.clear();
  }
}
