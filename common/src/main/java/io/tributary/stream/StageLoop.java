package io.tributary.stream;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;

/**
 * Runs a {@link Stage}: each thread joins the group, works batch by batch, and joins anew after
 * whatever error ended its membership. Starts after the web server and stops before it, with the
 * batch at hand finished.
 */
public final class StageLoop implements SmartLifecycle, HealthIndicator {
  private static final Logger log = LoggerFactory.getLogger(StageLoop.class);
  private static final Duration STALE = Duration.ofSeconds(60);
  private final StageSettings settings;
  private final KafkaClients clients;
  private final DataSource dataSource;
  private final Stage stage;
  private final MeterRegistry registry;
  private final Clock clock;
  private final Map<TopicPartition, String> stopped = new ConcurrentHashMap<>();
  private final List<Runner> runners = new CopyOnWriteArrayList<>();
  private volatile boolean running;

  /** A loop that does nothing until it's started. */
  public StageLoop(
      StageSettings settings,
      KafkaClients clients,
      DataSource dataSource,
      Stage stage,
      MeterRegistry registry,
      Clock clock) {
    this.settings = settings;
    this.clients = clients;
    this.dataSource = dataSource;
    this.stage = stage;
    this.registry = registry;
    this.clock = clock;
    Gauge.builder("tributary.stage.stopped.partitions", stopped, Map::size)
        .tag("stage", settings.consumer())
        .register(registry);
  }

  @Override
  public synchronized void start() {
    if (running) {
      return;
    }
    running = true;
    clients.ensureTopics(settings.topics());
    for (int i = 0; i < settings.threads(); i++) {
      Runner runner = new Runner(i);
      runners.add(runner);
      runner.thread.start();
    }
  }

  @Override
  public synchronized void stop() {
    running = false;
    runners.forEach(Runner::stop);
    runners.forEach(Runner::join);
    runners.clear();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return SmartLifecycle.DEFAULT_PHASE;
  }

  /** Partitions that don't run, with the reason; empty when all is well. */
  public Map<TopicPartition, String> stoppedPartitions() {
    return Map.copyOf(stopped);
  }

  @Override
  public Health health() {
    if (!stopped.isEmpty()) {
      return Health.down().withDetail("stoppedPartitions", stopped.toString()).build();
    }
    for (Runner runner : runners) {
      if (!runner.thread.isAlive() || runner.metrics.nanosSinceLastPoll() > STALE.toNanos()) {
        return Health.down()
            .withDetail("worker", runner.thread.getName() + " does not poll")
            .build();
      }
    }
    return running ? Health.up().build() : Health.outOfService().build();
  }

  /** One thread and its memberships, one after another. */
  private final class Runner implements Runnable {
    private final int slot;
    private final Thread thread;
    private final StageMetrics metrics;
    private final List<StageWorker> current = new ArrayList<>(1);

    Runner(int slot) {
      this.slot = slot;
      AtomicLong lag = new AtomicLong();
      this.metrics = new StageMetrics(registry, settings.consumer(), lag);
      Gauge.builder("tributary.stage.lag", lag, AtomicLong::doubleValue)
          .tag("stage", settings.consumer())
          .tag("thread", String.valueOf(slot))
          .register(registry);
      this.thread =
          Thread.ofPlatform().name("stage-" + settings.consumer() + "-" + slot).unstarted(this);
    }

    @Override
    public void run() {
      long delay = 100;
      while (running) {
        long began = clock.millis();
        try (StageWorker worker = worker(Lineage.read(dataSource, settings.schema()))) {
          enter(worker);
          worker.work();
        } catch (WakeupException e) {
          log.debug("stage={} woken up to stop", settings.consumer());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        } catch (SQLException e) {
          metrics.retried(Failure.of(e), e, 0);
        } catch (FencedException | RuntimeException e) {
          metrics.fenced(e);
          log.debug("stage={} membership ended", settings.consumer(), e);
        } finally {
          enter(null);
        }
        delay = clock.millis() - began > 30_000 ? 100 : Math.min(delay * 2, 3_000);
        pause(delay);
      }
    }

    private StageWorker worker(Lineage lineage) {
      String name = settings.consumer() + "-" + clients.settings().instance() + "-" + slot;
      Consumer<byte[], byte[]> consumer =
          clients.consumer(settings.consumer(), name, settings.maxRecords());
      Producer<byte[], byte[]> producer = clients.transactionalProducer("tributary-" + name);
      Positions positions = new Positions(settings.schema(), settings.consumer());
      Assignment assignment =
          new Assignment(
              new Assignment.Reader(consumer, settings.consumer(), name),
              clients.admin(),
              dataSource,
              positions,
              lineage,
              stopped);
      return new StageWorker(
          settings,
          consumer,
          producer,
          assignment,
          new BatchTransaction(dataSource, positions, stage),
          new Quarantine(settings.schema()),
          metrics,
          lineage,
          clients.traces());
    }

    private synchronized void enter(@Nullable StageWorker worker) {
      current.clear();
      if (worker != null) {
        current.add(worker);
        if (!running) {
          worker.stop();
        }
      }
    }

    private synchronized void stop() {
      current.forEach(StageWorker::stop);
    }

    private void pause(long millis) {
      for (long waited = 0; running && waited < millis; waited += 50) {
        try {
          TimeUnit.MILLISECONDS.sleep(50);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }

    private void join() {
      try {
        if (!thread.join(Duration.ofSeconds(8))) {
          log.warn("stage={} thread={} did not end in time", settings.consumer(), thread.getName());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
