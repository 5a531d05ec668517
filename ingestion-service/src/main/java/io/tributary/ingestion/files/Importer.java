package io.tributary.ingestion.files;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.event.Ids;
import io.tributary.event.Topics;
import io.tributary.ingestion.accept.Reason;
import io.tributary.ingestion.accept.Receipt;
import io.tributary.ingestion.accept.Source;
import io.tributary.ingestion.accept.Verdict;
import io.tributary.ingestion.activity.Activity;
import io.tributary.ingestion.collect.EventLog;
import io.tributary.ingestion.governance.CurrentTransformations;
import io.tributary.ingestion.governance.SourceRules;
import io.tributary.ingestion.governance.Violations;
import io.tributary.ingestion.repeat.Repeater;
import io.tributary.web.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Works on imports: reads their rows, judges them, and takes them in where that is asked. What it
 * has done is noted after each batch, behind the log's confirmation; after a crash the batch at
 * hand comes again, with the same message ids, so that nothing counts twice.
 */
final class Importer implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Importer.class);
  private static final int WORKERS = 2;
  private static final int BATCH_ROWS = 2_000;

  /** Beyond it a batch takes no further row, so that wide rows fill no memory. */
  private static final int BATCH_CHARACTERS = 4_000_000;

  /** How many rows that were read before are passed over between two signs of life. */
  private static final int STRIDE = 50_000;

  private static final Duration REST = Duration.ofMillis(500);
  private static final Duration TIDY_EVERY = Duration.ofHours(1);
  private static final Duration KEPT_UNENDED = Duration.ofDays(7);
  private static final Duration KEPT_ENDED = Duration.ofDays(30);

  private final ImportStore store;
  private final EventLog log;
  private final Sides sides;
  private final MeterRegistry registry;
  private final Clock clock;
  private final String name = Ids.create("wrk");
  private final List<Repeater> repeaters = new ArrayList<>();
  private volatile boolean stopping;

  /** What else is told of events that are taken. */
  record Sides(SourceRules rules, Violations violations, Activity activity) {}

  Importer(ImportStore store, EventLog log, Sides sides, MeterRegistry registry, Clock clock) {
    this.store = store;
    this.log = log;
    this.sides = sides;
    this.registry = registry;
    this.clock = clock;
    for (int i = 1; i <= WORKERS; i++) {
      repeaters.add(new Repeater("importer-" + i, new Repeater.Task(REST, this::turn)));
    }
    repeaters.add(new Repeater("importer-tidy", new Repeater.Task(TIDY_EVERY, this::tidy)));
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
      LOG.warn("import outcome=interrupted cause={}", e.getClass().getSimpleName());
    }
  }

  private void tidy() {
    try {
      Instant now = clock.instant();
      store.tidy(now.minus(KEPT_UNENDED), now.minus(KEPT_ENDED), now);
    } catch (DataAccessException | TransactionException e) {
      LOG.warn("import outcome=untidied cause={}", e.getClass().getSimpleName());
    }
  }

  private void work(FileImport claimed) {
    String id = claimed.id();
    LOG.info("import={} state={} from={}", id, claimed.state().wire(), claimed.rowsRead());
    try {
      work(claimed, claimed.wanted());
    } catch (UnreadableFileException e) {
      end(claimed, ImportState.FAILED, e.getMessage(), null);
    } catch (Problem e) {
      // Checked when it came: a newer version of this program stored it, which knows more.
      end(claimed, ImportState.FAILED, "The mapping can't be read: " + e.detail(), null);
    } catch (IOException e) {
      end(claimed, ImportState.FAILED, "The file can't be read.", null);
    } catch (CurrentTransformations.UnreadableException e) {
      LOG.warn("import={} outcome=rules_unavailable", id);
      store.release(claimed);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      store.release(claimed);
    } catch (DataAccessException | TransactionException e) {
      throw e;
    } catch (RuntimeException e) {
      // A fault of ours ends this import, and not the thread that others wait for. No message: it
      // could name somebody.
      LOG.error("import={} outcome=failed cause={} at={}", id, e.getClass().getName(), place(e));
      end(claimed, ImportState.FAILED, "It failed by a fault of the server; see its log.", null);
    }
  }

  private static String place(RuntimeException e) {
    StackTraceElement[] trace = e.getStackTrace();
    return trace.length == 0 ? "" : trace[0].toString();
  }

  private void work(FileImport claimed, ImportDefinition definition)
      throws IOException, UnreadableFileException, InterruptedException {
    String sourceId = String.valueOf(definition.source());
    Pace pace = new Pace(definition.rowsPerSecond());
    ImportStore.Progress done =
        new ImportStore.Progress(
            claimed.rowsRead(), claimed.accepted(), claimed.refused(), claimed.bytesRead());
    PartsStream file = new PartsStream(store, claimed.id());
    try (Rows rows = definition.rows(file)) {
      if (!pass(claimed, rows, done)) {
        return;
      }
      while (!stopping) {
        List<Row> batch = next(rows, pace.batch());
        if (batch.isEmpty()) {
          boolean checked = claimed.state() == ImportState.CHECKING;
          end(
              claimed,
              checked ? ImportState.CHECKED : ImportState.DONE,
              null,
              checked ? file.digest() : null);
          return;
        }
        // For each batch, since rules may change while a long import runs.
        Source source = sides.rules().source(claimed.workspaceId(), sourceId, false, false);
        boolean withholds = source.withholds();
        List<RowJudge.Judged> judged =
            new RowJudge(definition.rowMapping(), definition.isHistorical(), source)
                .judge(batch, Receipt.at(clock.instant(), null));
        if (claimed.state() == ImportState.RUNNING && !taken(claimed, judged, done)) {
          return;
        }
        String preview =
            claimed.state() == ImportState.CHECKING && done.rows() == 0
                ? Preview.of(judged, withholds)
                : null;
        ImportStore.Progress next = plus(done, judged, file.position());
        if (!store.advance(
            claimed,
            next,
            refusals(rows, judged, done.refused(), withholds),
            preview,
            clock.instant())) {
          return;
        }
        done = next;
        pace.after(batch.size());
      }
      store.release(claimed);
    }
  }

  /** Passes over what was done before; false if the import isn't ours any more. */
  private boolean pass(FileImport claimed, Rows rows, ImportStore.Progress done)
      throws IOException, UnreadableFileException {
    for (long passed = 0; passed < done.rows() && rows.next() != null; passed++) {
      if (passed % STRIDE == 0 && (stopping || !isOurs(claimed, done))) {
        store.release(claimed);
        return false;
      }
    }
    return true;
  }

  private boolean isOurs(FileImport claimed, ImportStore.Progress done) {
    return store.advance(claimed, done, List.of(), null, clock.instant());
  }

  private static List<Row> next(Rows rows, int most) throws IOException, UnreadableFileException {
    List<Row> batch = new ArrayList<>();
    int size = 0;
    while (batch.size() < most && size < BATCH_CHARACTERS) {
      Row row = rows.next();
      if (row == null) {
        break;
      }
      batch.add(row);
      size += row.size();
    }
    return batch;
  }

  /** Appends what was accepted, however long that takes; false if it's no longer ours to do. */
  private boolean taken(FileImport claimed, List<RowJudge.Judged> judged, ImportStore.Progress done)
      throws InterruptedException {
    List<EventLog.Prepared> entries = new ArrayList<>();
    List<Verdict> verdicts = new ArrayList<>();
    for (RowJudge.Judged each : judged) {
      if (each.verdict() instanceof Verdict.Accepted event) {
        entries.add(
            new EventLog.Prepared(Topics.INGESTION_EVENTS, event.key(), event.draft().encode()));
      }
      if (each.verdict() != null) {
        verdicts.add(each.verdict());
      }
    }
    boolean there =
        log.append(
            entries,
            () -> {
              LOG.warn("import={} outcome=log_unavailable", claimed.id());
              return !stopping && isOurs(claimed, done);
            });
    if (!there) {
      store.release(claimed);
      return false;
    }
    Instant now = clock.instant();
    sides.violations().count(verdicts, now);
    sides.activity().visit(now, false).taken(verdicts, now);
    return true;
  }

  private ImportStore.Progress plus(
      ImportStore.Progress done, List<RowJudge.Judged> judged, long position) {
    long accepted = judged.stream().filter(RowJudge.Judged::isAccepted).count();
    long refused = judged.size() - accepted;
    registry.counter("tributary.import.rows", "outcome", "accepted").increment((double) accepted);
    registry.counter("tributary.import.rows", "outcome", "refused").increment((double) refused);
    return new ImportStore.Progress(
        done.rows() + judged.size(),
        done.accepted() + accepted,
        done.refused() + refused,
        position);
  }

  private static List<ImportStore.Refusal> refusals(
      Rows rows, List<RowJudge.Judged> judged, long before, boolean withholds) {
    return judged.stream()
        .filter(each -> !each.isAccepted())
        .limit(Math.max(0, ImportStore.MAX_REFUSALS - before))
        .map(each ->
            new ImportStore.Refusal(
                each.row().line(),
                Reason.json(each.reasons()),
                kept(original(rows, each, withholds))))
        .toList();
  }

  /** The row as it was read, or, where something is taken away from it, what that left. */
  private static String original(Rows rows, RowJudge.Judged judged, boolean withholds) {
    if (judged.verdict() instanceof Verdict.Rejected refused && refused.transformed()) {
      return new String(refused.original(), StandardCharsets.UTF_8);
    }
    return withholds ? "withheld" : rows.text(judged.row());
  }

  /** Cut where it's longer than any event may be, and without what no database takes. */
  private static String kept(String text) {
    int end = Math.min(text.length(), 32_000);
    StringBuilder kept = new StringBuilder(end);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      boolean half = Character.isHighSurrogate(c) && i + 1 == end;
      kept.append(c == 0 || half ? '\uFFFD' : c);
    }
    return kept.toString();
  }

  private void end(
      FileImport claimed, ImportState state, @Nullable String problem, byte @Nullable [] digest) {
    boolean ours = store.finish(claimed, state, problem, digest, clock.instant());
    LOG.info("import={} state={} ours={}", claimed.id(), state.wire(), ours);
  }

  /** Keeps to a number of rows a second, over the whole run. */
  private static final class Pace {
    private final @Nullable Integer perSecond;
    private final long began = System.nanoTime();
    private long rows;

    Pace(@Nullable Integer perSecond) {
      this.perSecond = perSecond;
    }

    /** No more rows at once than in a second. */
    int batch() {
      return perSecond == null ? BATCH_ROWS : Math.min(BATCH_ROWS, perSecond);
    }

    void after(int more) throws InterruptedException {
      if (perSecond != null) {
        rows += more;
        long due = began + TimeUnit.SECONDS.toNanos(rows) / perSecond;
        TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
      }
    }
  }
}
