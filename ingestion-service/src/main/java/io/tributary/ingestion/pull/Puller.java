package io.tributary.ingestion.pull;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.event.Ids;
import io.tributary.event.Topics;
import io.tributary.ingestion.accept.Envelope;
import io.tributary.ingestion.accept.Reason;
import io.tributary.ingestion.accept.Verdict;
import io.tributary.ingestion.activity.Activity;
import io.tributary.ingestion.collect.EventLog;
import io.tributary.ingestion.collect.RefusedRecord;
import io.tributary.ingestion.files.RowJudge;
import io.tributary.ingestion.governance.CurrentTransformations;
import io.tributary.ingestion.governance.Violations;
import io.tributary.ingestion.repeat.Repeater;
import io.tributary.webhook.GuardedReading;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Carries pulls out, turn by turn. How far one has come is noted behind the log's confirmation, as
 * the cursor's value of the last row; after a crash rows from that value on come again, with the
 * same message ids, so that nothing counts twice.
 */
final class Puller implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Puller.class);
  private static final int WORKERS = 2;
  private static final int BATCH_ROWS = 500;
  private static final Duration REST = Duration.ofMillis(500);

  /** A turn ends before its connection does; the next one goes on at once. */
  private static final Duration LONGEST_TURN = GuardedReading.LIFE.minusMinutes(2);

  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  /** Message ids of the last turn that are remembered, so that what is read again isn't sent again. */
  private static final int REMEMBERED = 20_000;

  private static final Envelope ALONE = new Envelope(Optional.empty(), null, null, null, false);

  private final PullStore store;
  private final Pulls pulls;
  private final EventLog log;
  private final Sides sides;
  private final MeterRegistry registry;
  private final Clock clock;
  private final String name = Ids.create("wrk");
  private final List<Repeater> repeaters = new ArrayList<>();
  private final Map<String, Set<String>> handled = new ConcurrentHashMap<>();
  private volatile boolean stopping;

  /** What else is told of events that are taken. */
  record Sides(Violations violations, Activity activity) {}

  Puller(
      PullStore store,
      Pulls pulls,
      EventLog log,
      Sides sides,
      MeterRegistry registry,
      Clock clock) {
    this.store = store;
    this.pulls = pulls;
    this.log = log;
    this.sides = sides;
    this.registry = registry;
    this.clock = clock;
    for (int i = 1; i <= WORKERS; i++) {
      repeaters.add(new Repeater("puller-" + i, new Repeater.Task(REST, this::turn)));
    }
  }

  @Override
  public void start() {
    stopping = false;
    repeaters.forEach(Repeater::start);
  }

  @Override
  public void stop() {
    stopping = true;
    repeaters.forEach(Repeater::stop);
  }

  @Override
  public boolean isRunning() {
    return repeaters.getFirst().isRunning();
  }

  private void turn() {
    try {
      store.claim(name, clock.instant()).ifPresent(this::work);
    } catch (DataAccessException | TransactionException e) {
      // Somebody goes on with it once its lease has run out.
      LOG.warn("pull outcome=interrupted cause={}", e.getClass().getSimpleName());
    }
  }

  private void work(Pull claimed) {
    try (Pulls.Opened opened = pulls.open(claimed)) {
      work(claimed, opened);
    } catch (Pulls.UnreadableException e) {
      failed(claimed, e.reason());
    } catch (CurrentTransformations.UnreadableException e) {
      failed(claimed, "rules_unavailable");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      store.release(claimed);
    } catch (DataAccessException | TransactionException e) {
      throw e;
    } catch (RuntimeException e) {
      // A fault of ours ends this turn, and not the thread that others wait for. No message: it
      // could name somebody.
      LOG.error("pull={} outcome=failed cause={}", claimed.id(), e.getClass().getName());
      failed(claimed, "fault_of_the_server");
    }
  }

  private void work(Pull claimed, Pulls.Opened opened) throws InterruptedException {
    Instant end = clock.instant().plus(LONGEST_TURN);
    Set<String> before = handled.getOrDefault(claimed.id(), Set.of());
    Set<String> now = new HashSet<>();
    String position = claimed.position();
    boolean moved = false;
    while (!stopping) {
      List<PullReader.Pulled> rows;
      try {
        rows = opened.reader().next(BATCH_ROWS);
      } catch (SQLException e) {
        failed(claimed, Pulls.reason(opened.definition(), e, true));
        return;
      }
      if (rows.isEmpty()) {
        handled.put(claimed.id(), now);
        ended(claimed, opened.definition());
        return;
      }
      if (!taken(claimed, pulls.judge(claimed, opened, rows), rows, before, now)) {
        return;
      }
      String last = rows.getLast().cursor();
      moved |= !last.equals(position);
      position = last;
      if (clock.instant().isAfter(end)) {
        Instant at = clock.instant();
        // All the time for rows of one value of the cursor: the next turn would read the same.
        store.finish(claimed, moved ? null : "too_many_with_one_value", false, at, at);
        return;
      }
    }
    store.release(claimed);
  }

  /** Takes a batch in, and notes it; false if it's no longer ours to do. */
  private boolean taken(
      Pull claimed,
      List<RowJudge.Judged> judged,
      List<PullReader.Pulled> rows,
      Set<String> before,
      Set<String> now)
      throws InterruptedException {
    List<EventLog.Prepared> entries = new ArrayList<>();
    List<Verdict> verdicts = new ArrayList<>();
    List<List<Reason>> unkept = new ArrayList<>();
    Instant received = clock.instant();
    for (RowJudge.Judged each : judged) {
      String id = messageId(each);
      if (id != null && now.size() < REMEMBERED) {
        now.add(id);
      }
      if (id != null && before.contains(id)) {
        continue;
      }
      switch (each.verdict()) {
        case Verdict.Accepted event -> {
          entries.add(
              new EventLog.Prepared(Topics.INGESTION_EVENTS, event.key(), event.draft().encode()));
          verdicts.add(event);
        }
        case Verdict.Rejected event -> {
          entries.add(
              new EventLog.Prepared(
                  Topics.INGESTION_REJECTED,
                  claimed.workspaceId(),
                  RefusedRecord.of(event, received, null, ALONE).encode()));
          verdicts.add(event);
        }
        case null -> unkept.add(each.reasons());
      }
    }
    if (!appended(claimed, entries)) {
      return false;
    }
    long accepted = verdicts.stream().filter(Verdict.Accepted.class::isInstance).count();
    long refused = verdicts.size() - accepted + unkept.size();
    Instant at = clock.instant();
    sides.violations().count(verdicts, at);
    sides.activity().visit(at, false).taken(verdicts, at);
    count("accepted", accepted);
    count("refused", refused);
    String reasons =
        unkept.isEmpty() ? null : Reason.json(unkept.getFirst());
    return store.advance(
        claimed,
        new PullStore.Progress(rows.getLast().cursor(), accepted, refused, reasons),
        at);
  }

  private static @Nullable String messageId(RowJudge.Judged judged) {
    return judged.call() == null ? null : judged.call().path("messageId").asString(null);
  }

  private void count(String outcome, long rows) {
    registry.counter("tributary.pull.rows", "outcome", outcome).increment((double) rows);
  }

  /** Appends them, however long that takes. */
  private boolean appended(Pull claimed, List<EventLog.Prepared> entries)
      throws InterruptedException {
    while (!entries.isEmpty()) {
      try {
        log.append(entries);
        break;
      } catch (EventLog.UnavailableException e) {
        LOG.warn("pull={} outcome=log_unavailable", claimed.id());
        PullStore.Progress none = new PullStore.Progress(null, 0, 0, null);
        if (stopping || !store.advance(claimed, none, clock.instant())) {
          store.release(claimed);
          return false;
        }
        TimeUnit.MILLISECONDS.sleep(REST.toMillis());
      }
    }
    return true;
  }

  private void ended(Pull claimed, PullDefinition definition) {
    Instant now = clock.instant();
    store.finish(claimed, null, true, now.plus(definition.every()), now);
    registry.counter("tributary.pull.turns", "outcome", "done").increment();
  }

  private void failed(Pull claimed, String problem) {
    Instant now = clock.instant();
    Duration every =
        Duration.ofSeconds(Objects.requireNonNullElse(claimed.document().everySeconds(), 300));
    Duration wait = every.multipliedBy(1L << Math.min(claimed.failures(), 10));
    if (wait.compareTo(LONGEST_WAIT) > 0) {
      wait = every.compareTo(LONGEST_WAIT) > 0 ? every : LONGEST_WAIT;
    }
    LOG.warn("pull={} outcome=failed problem={}", claimed.id(), problem);
    store.finish(claimed, problem, false, now.plus(wait), now);
    registry.counter("tributary.pull.turns", "outcome", "failed").increment();
  }
}
