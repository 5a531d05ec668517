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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.apache.kafka.common.KafkaException;
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

  /** Claims of one turn, so that processes that start together share what there is. */
  private static final int CLAIMS_AT_ONCE = 3;

  private final DestinationStore store;
  private final Receivers receivers;
  private final KafkaClients clients;
  private final DataSource dataSource;
  private final Worker.Parts parts;
  private final Clock clock;
  private final String name = Ids.create("wrk");
  private final Map<Held, Running> running = new ConcurrentHashMap<>();
  private final Repeater repeater =
      new Repeater("destinations", new Repeater.Task(EVERY, this::turn));
  private volatile boolean stopping;

  /** A worker with its thread. */
  private record Running(Worker worker, Thread thread) {}

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
    Gauge.builder("tributary.destination.running", running, Map::size).register(registry);
    Gauge.builder(
            "tributary.destination.down",
            running,
            map -> (double) map.values().stream().filter(each -> each.worker().isDown()).count())
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
    running.values().forEach(each -> each.worker().stop());
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (Running each : running.values()) {
      try {
        Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
        if (!each.thread().join(left)) {
          LOG.warn("destination thread={} did not end in time", each.thread().getName());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  @Override
  public boolean isRunning() {
    return repeater.isRunning();
  }

  private void turn() {
    try {
      Set<Held> held = store.renew(name, clock.instant());
      running.forEach((claim, each) -> {
        if (!held.contains(claim)) {
          each.worker().stop();
        }
      });
      for (int i = 0; i < CLAIMS_AT_ONCE && !stopping; i++) {
        Optional<Destination> claimed = store.claim(name, clock.instant());
        if (claimed.isEmpty()) {
          return;
        }
        begin(claimed.get());
      }
    } catch (DataAccessException | TransactionException e) {
      LOG.warn("destinations outcome=postponed cause={}", e.getClass().getSimpleName());
    }
  }

  private void begin(Destination claimed) {
    Thread.ofPlatform()
        .name("destination-" + claimed.id())
        .start(() -> {
          try {
            work(claimed);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } catch (SQLException | DataAccessException | TransactionException | KafkaException e) {
            failed(claimed, e);
          } catch (RuntimeException e) {
            // A fault of ours costs this destination a while, and no other one anything.
            LOG.error("destination={} failed", claimed.id(), e);
            failed(claimed, e);
          }
        });
  }

  private void work(Destination claimed) throws SQLException, InterruptedException {
    Optional<Receivers.Made> made = receivers.of(claimed);
    if (made.isEmpty()) {
      store.release(claimed, clock.instant().plus(REST_AFTER_FAILURE));
      return;
    }
    Definition definition = made.get().definition();
    try (LogReader log =
        LogReader.open(
            clients,
            dataSource,
            "ingestion",
            "destination-" + claimed.id(),
            definition.topics(),
            store.places(claimed.id()))) {
      Worker worker = new Worker(claimed, definition, made.get().receiver(), log, parts);
      Held key = new Held(claimed.id(), claimed.epoch(), claimed.version());
      running.put(key, new Running(worker, Thread.currentThread()));
      try {
        if (!stopping) {
          LOG.info("destination={} epoch={} action=begin", claimed.id(), claimed.epoch());
          worker.work();
        }
      } finally {
        running.remove(key);
      }
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
