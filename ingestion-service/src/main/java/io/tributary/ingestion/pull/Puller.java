package io.tributary.ingestion.pull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.Counter;
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
import io.tributary.ingestion.governance.Violations;
import io.tributary.ingestion.repeat.Repeater;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import tools.jackson.core.JacksonException;

/**
 * Carries pulls out, turn by turn. How far one has come is noted behind the log's confirmation, as
 * the last row; after a crash the page behind it comes again, with the same message ids, so that
 * nothing counts twice.
 */
final class Puller implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Puller.class);
  private static final String TURNS = "tributary.pull.turns";
  private static final int WORKERS = 3;
  private static final Duration REST = Duration.ofMillis(500);

  /** Then others have theirs. */
  private static final Duration LONGEST_TURN = Duration.ofMinutes(1);

  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  /** Rows of a pull that are remembered, so that what is read again isn't sent again. */
  private static final int REMEMBERED = 20_000;

  /** Pulls of which that is remembered. */
  private static final int REMEMBERED_PULLS = 50;

  private static final Envelope ALONE = new Envelope(Optional.empty(), null, null, null, false);

  private final PullStore store;
  private final Pulls pulls;
  private final EventLog log;
  private final Sides sides;
  private final MeterRegistry registry;
  private final Clock clock;
  private final String name = Ids.create("wrk");
  private final List<Repeater> repeaters = new ArrayList<>();
  private final Cache<String, Known> handled =
      Caffeine.newBuilder().maximumSize(REMEMBERED_PULLS).build();
  private final Counter done;
  private final Counter failed;
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
    this.done = registry.counter(TURNS, "outcome", "done");
    this.failed = registry.counter(TURNS, "outcome", "failed");
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
    pulls.abort();
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
    } catch (RuntimeException e) {
      // The thread goes on with others, whatever that was.
      LOG.error("pull outcome=interrupted cause={}", e.getClass().getName());
    }
  }

  private void work(Pull claimed) {
    try {
      Pulls.Access access = pulls.access(claimed);
      work(claimed, access);
    } catch (UnreadableException e) {
      if (stopping) {
        store.release(claimed);
      } else {
        failed(claimed, e.reason());
      }
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

  private void work(Pull claimed, Pulls.Access access)
      throws UnreadableException, InterruptedException {
    Known known = handled.get(claimed.id() + " " + claimed.generation(), _ -> new Known());
    Start start = Start.of(claimed, access.definition().overlap(), clock.instant());
    Instant until = clock.instant().plus(LONGEST_TURN);
    while (!stopping) {
      Pulls.Page page = pulls.page(claimed, access, start, PullReader.PAGE);
      if (!page.rows().isEmpty()) {
        if (!taken(claimed, page, known)) {
          return;
        }
        PullReader.Pulled end = page.rows().getLast();
        start = new Start.Behind(end.cursor(), end.hash());
      }
      if (page.last()) {
        store.finish(claimed, access.definition().every(), clock.instant());
        done.increment();
        return;
      }
      if (clock.instant().isAfter(until)) {
        store.giveWay(claimed, clock.instant());
        return;
      }
    }
    store.release(claimed);
  }

  /** Takes a page in, and notes it; false if it's no longer ours to do. */
  private boolean taken(Pull claimed, Pulls.Page page, Known known) throws InterruptedException {
    List<EventLog.Prepared> entries = new ArrayList<>();
    List<Verdict> verdicts = new ArrayList<>();
    List<List<Reason>> unkept = new ArrayList<>();
    Instant received = clock.instant();
    for (int i = 0; i < page.rows().size(); i++) {
      if (known.has(page.rows().get(i).hash())) {
        continue;
      }
      RowJudge.Judged each = page.judged().get(i);
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
    page.rows().forEach(row -> known.add(row.hash()));
    long accepted = verdicts.stream().filter(Verdict.Accepted.class::isInstance).count();
    long refused = verdicts.size() - accepted + unkept.size();
    Instant at = clock.instant();
    sides.violations().count(verdicts, at);
    sides.activity().visit(at, false).taken(verdicts, at);
    count("accepted", accepted);
    count("refused", refused);
    PullReader.Pulled end = page.rows().getLast();
    return store.advance(
        claimed,
        new PullStore.Progress(
            end.cursor(),
            end.hash(),
            accepted,
            refused,
            unkept.isEmpty() ? null : Reason.json(unkept.getFirst())),
        at);
  }

  private void count(String outcome, long rows) {
    registry.counter("tributary.pull.rows", "outcome", outcome).increment((double) rows);
  }

  /** Appends them, however long that takes, as long as that is ours to do. */
  private boolean appended(Pull claimed, List<EventLog.Prepared> entries)
      throws InterruptedException {
    boolean there =
        store.renew(claimed, clock.instant())
            && log.append(
                entries,
                () -> {
                  LOG.warn("pull={} outcome=log_unavailable", claimed.id());
                  return !stopping && store.renew(claimed, clock.instant());
                });
    if (!there) {
      store.release(claimed);
    }
    return there;
  }

  private void failed(Pull claimed, String problem) {
    Instant now = clock.instant();
    LOG.warn("pull={} outcome=failed problem={}", claimed.id(), problem);
    store.fail(claimed, problem, now.plus(wait(claimed)), now);
    failed.increment();
  }

  /** Twice as long after each failure, up to an hour, or as long as between all turns. */
  private static Duration wait(Pull claimed) {
    Duration every = Duration.ofSeconds(10);
    try {
      every =
          Duration.ofSeconds(
              Objects.requireNonNullElse(
                  claimed.document().everySeconds(), PullDefinition.EVERY_SECONDS));
    } catch (JacksonException e) {
      // Then that is what has failed.
    }
    Duration wait = every.multipliedBy(1L << Math.min(claimed.failures(), 10));
    return wait.compareTo(LONGEST_WAIT) < 0
        ? wait
        : every.compareTo(LONGEST_WAIT) > 0 ? every : LONGEST_WAIT;
  }

  /** The hashes of the rows that were handled last; used by whoever works on the pull. */
  private static final class Known {
    private final Set<Long> hashes = Collections.newSetFromMap(new Newest());

    boolean has(long hash) {
      return hashes.contains(hash);
    }

    void add(long hash) {
      hashes.remove(hash); // so that it's the newest
      hashes.add(hash);
    }

    private static final class Newest extends LinkedHashMap<Long, Boolean> {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
        return size() > REMEMBERED;
      }
    }
  }
}
