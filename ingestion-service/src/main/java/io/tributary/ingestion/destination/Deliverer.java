package io.tributary.ingestion.destination;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.event.Ids;
import io.tributary.ingestion.destination.DestinationStore.Held;
import io.tributary.ingestion.repeat.Repeater;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.LogReader;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Has each running destination worked on by one thread of one process: by a lease, so that another
 * process goes on when this one dies.
 */
final class Deliverer implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Deliverer.class);
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final Duration REST_AFTER_FAILURE = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(12);

  private static final Duration TIDY_EVERY = Duration.ofMinutes(1);
  private static final Duration KEPT_BY_HOUR = Duration.ofDays(30);

  /** A process works on so many at most; the others wait for another one. */
  private static final int MAX_JOBS = 200;

  /** Claims of one turn, so that processes that start together share what there is. */
  private static final int CLAIMS_AT_ONCE = 3;

  private final DestinationStore store;
  private final Receivers receivers;
  private final KafkaClients clients;
  private final DataSource dataSource;
  private final Worker.Parts parts;
  private final Clock clock;
  private final String name = Ids.create("wrk");
  private final Map<Held, Job> jobs = new ConcurrentHashMap<>();
  private final Repeater repeater =
      new Repeater(
          "destinations",
          new Repeater.Task(EVERY, this::turn),
          new Repeater.Task(TIDY_EVERY, this::tidy));
  private volatile boolean stopping;

  /** A claim that is worked on; it holds as long as it's among the jobs. */
  private static final class Job {
    private volatile boolean ended;
    private volatile @Nullable Worker worker;

    /** Ends it, also before it has begun. */
    void stop() {
      ended = true;
      Worker begun = worker;
      if (begun != null) {
        begun.stop();
      }
    }

    void begin(Worker made) throws InterruptedException {
      worker = made;
      if (!ended) {
        made.work();
      }
    }

    boolean isDown() {
      Worker begun = worker;
      return begun != null && begun.isDown();
    }
  }

  Deliverer(
      DestinationStore store,
      Receivers receivers,
      KafkaClients clients,
      DataSource dataSource,
      MeterRegistry registry,
      Clock clock) {
    this.store = store;
    this.receivers = receivers;
    this.clients = clients;
    this.dataSource = dataSource;
    this.clock = clock;
    this.parts =
        new Worker.Parts(
            store,
            new People(dataSource),
            (outcome, count) -> {
              if (count > 0) {
                registry
                    .counter("tributary.destination.messages", "outcome", outcome)
                    .increment((double) count);
              }
            },
            clock);
    Gauge.builder("tributary.destination.running", jobs, Map::size).register(registry);
    Gauge.builder(
            "tributary.destination.down",
            jobs,
            map -> (double) map.values().stream().filter(Job::isDown).count())
        .register(registry);
  }

  @Override
  public void start() {
    stopping = false;
    repeater.start();
  }

  @Override
  public void stop() {
    stopping = true;
    repeater.stop();
    jobs.values().forEach(Job::stop);
    long end = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (!jobs.isEmpty() && System.nanoTime() < end) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    jobs.keySet().forEach(each -> LOG.warn("destination={} did not end in time", each.id()));
  }

  @Override
  public boolean isRunning() {
    return repeater.isRunning();
  }

  private void turn() {
    try {
      Set<Held> held = store.renew(List.copyOf(jobs.keySet()), clock.instant());
      jobs.forEach((claim, job) -> {
        if (!held.contains(claim)) {
          job.stop();
        }
      });
      for (int i = 0; i < CLAIMS_AT_ONCE && jobs.size() < MAX_JOBS && !stopping; i++) {
        Optional<Destination> claimed = store.claim(name, clock.instant());
        if (claimed.isEmpty()) {
          return;
        }
        begin(claimed.get());
      }
    } catch (RuntimeException e) {
      // The next turn tries again; who isn't renewed in time is taken over.
      LOG.warn("destinations outcome=postponed cause={}", e.getClass().getSimpleName());
    }
  }

  private void tidy() {
    try {
      store.counts().tidy(clock.instant().minus(KEPT_BY_HOUR).truncatedTo(ChronoUnit.HOURS));
      if (jobs.size() >= MAX_JOBS) {
        LOG.warn("destinations={} outcome=full others=wait", jobs.size());
      }
      int gone = store.letters().forget();
      if (gone > 0) {
        LOG.info("destinations={} action=forget_erased", gone);
      }
    } catch (RuntimeException e) {
      LOG.warn("destinations outcome=untidied cause={}", e.getClass().getSimpleName());
    }
  }

  private void begin(Destination claimed) {
    Held claim = new Held(claimed.id(), claimed.epoch());
    Job job = new Job();
    jobs.put(claim, job);
    try {
      Thread.ofPlatform().name("destination-" + claimed.id()).start(() -> run(claimed, job, claim));
    } catch (OutOfMemoryError e) {
      // There is no thread to be had now; the lease runs out, and somebody claims it again.
      jobs.remove(claim);
      LOG.warn("destination={} outcome=no_thread", claimed.id(), e);
    }
  }

  private void run(Destination claimed, Job job, Held claim) {
    // Once it isn't among the jobs its lease runs out, whatever has ended it.
    try {
      work(claimed, job);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException | DataAccessException | TransactionException | KafkaException e) {
      failed(claimed, e);
    } catch (RuntimeException e) {
      // A fault of ours costs this destination a while, and no other one anything.
      LOG.error("destination={} failed", claimed.id(), e);
      failed(claimed, e);
    } finally {
      jobs.remove(claim);
    }
  }

  private void work(Destination claimed, Job job) throws SQLException, InterruptedException {
    Optional<Receivers.Made> made = receivers.of(claimed);
    if (made.isEmpty()) {
      store.release(claimed, clock.instant().plus(REST_AFTER_FAILURE));
      return;
    }
    Definition definition = made.get().definition();
    try (Receiver receiver = made.get().receiver();
        LogReader log =
            LogReader.open(
                clients,
                dataSource,
                "ingestion",
                "destination-" + claimed.id(),
                definition.topics(),
                store.places(claimed.id()))) {
      LOG.info("destination={} epoch={} action=begin", claimed.id(), claimed.epoch());
      job.begin(new Worker(claimed, definition, receiver, log, parts));
    }
    store.release(claimed, null);
    LOG.info("destination={} epoch={} action=end", claimed.id(), claimed.epoch());
  }

  private void failed(Destination claimed, Exception e) {
    LOG.warn(
        "destination={} outcome=interrupted cause={}", claimed.id(), e.getClass().getSimpleName());
    LOG.debug("destination={} interrupted", claimed.id(), e);
    try {
      store.release(claimed, clock.instant().plus(REST_AFTER_FAILURE));
    } catch (DataAccessException | TransactionException again) {
      LOG.debug("destination={} keeps its lease until it ends", claimed.id(), again);
    }
  }
}
