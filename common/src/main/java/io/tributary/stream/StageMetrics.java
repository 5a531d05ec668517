package io.tributary.stream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is counted at a stage's edge. No label grows with the data. */
final class StageMetrics {
  private static final Logger log = LoggerFactory.getLogger(StageMetrics.class);
  private final MeterRegistry registry;
  private final String stage;
  private final Counter records;
  private final Counter outputs;
  private final Counter quarantined;
  private final Counter ghosts;
  private final Counter fenced;
  private final Timer batch;
  private final DistributionSummary size;
  private final AtomicLong lag;
  private volatile long lastPoll = System.nanoTime();

  StageMetrics(MeterRegistry registry, String stage, AtomicLong lag) {
    this.registry = registry;
    this.stage = stage;
    this.lag = lag;
    this.records = registry.counter("tributary.stage.records", "stage", stage);
    this.outputs = registry.counter("tributary.stage.outputs", "stage", stage);
    this.quarantined = registry.counter("tributary.stage.quarantined", "stage", stage);
    this.ghosts = registry.counter("tributary.stage.ghosts", "stage", stage);
    this.batch = registry.timer("tributary.stage.batch", "stage", stage);
    this.size = registry.summary("tributary.stage.batch.size", "stage", stage);
    // Before anything happened: of a series that begins at 1 nobody can tell that it rose.
    this.fenced = registry.counter("tributary.stage.fenced", "stage", stage);
    for (Failure failure : Failure.values()) {
      retries(failure);
    }
  }

  void polled(Consumer<byte[], byte[]> consumer) {
    lastPoll = System.nanoTime();
    long total = 0;
    for (TopicPartition partition : consumer.assignment()) {
      OptionalLong behind = consumer.currentLag(partition);
      total += behind.orElse(0);
    }
    lag.set(total);
  }

  void batch(int taken, int appended, long nanos) {
    records.increment(taken);
    outputs.increment(appended);
    size.record(taken);
    batch.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** Of an earlier life of the database, and unknown to the restored one. */
  void ghost() {
    ghosts.increment();
  }

  void retried(Failure failure, Exception error, int batchSize) {
    retries(failure).increment();
    if (failure == Failure.TRANSIENT) {
      log.warn("stage={} records={} will be retried: {}", stage, batchSize, cause(error));
    }
  }

  private Counter retries(Failure failure) {
    return registry.counter(
        "tributary.stage.retries",
        "stage",
        stage,
        "failure",
        failure.name().toLowerCase(java.util.Locale.ROOT));
  }

  void quarantined(InputRecord record, Exception error) {
    quarantined.increment();
    log.warn(
        "stage={} topic={} partition={} offset={} quarantined: {}",
        stage,
        record.topic(),
        record.partition(),
        record.offset(),
        cause(error));
  }

  void fenced(Exception error) {
    fenced.increment();
    log.warn("stage={} joins anew: {}", stage, cause(error));
  }

  long nanosSinceLastPoll() {
    return System.nanoTime() - lastPoll;
  }

  /** SQL errors quote values in their text: only their state is told. */
  private static String cause(Throwable error) {
    return error instanceof java.sql.SQLException sql
        ? error.getClass().getSimpleName() + " SQLState=" + sql.getSQLState()
        : error.getClass().getSimpleName();
  }
}
