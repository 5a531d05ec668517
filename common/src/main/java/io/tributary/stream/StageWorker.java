package io.tributary.stream;

import io.tributary.trace.Traces;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One membership of the consumer group, from joining to leaving, run by one thread: poll, Postgres
 * transaction, Kafka transaction. A batch that the group has moved on from is read again. Any other
 * doubt about who owns what ends the membership; the loop then joins anew and reads the positions
 * again.
 */
final class StageWorker implements AutoCloseable {
  /** On records that may be in the log before, too. */
  private static final Header AGAIN = new RecordHeader("again", new byte[] {1});

  private static final Logger log = LoggerFactory.getLogger(StageWorker.class);
  private static final Duration POLL = Duration.ofMillis(500);

  /**
   * While records keep coming a batch begins this often at most: what a transaction costs is shared
   * by all that came meanwhile. A record that comes alone never waits for it.
   */
  private static final long PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(75);

  private final StageSettings settings;
  private final Consumer<byte[], byte[]> consumer;
  private final Producer<byte[], byte[]> producer;
  private final Assignment assignment;
  private final BatchTransaction transaction;
  private final Quarantine quarantine;
  private final StageMetrics metrics;
  private final Lineage lineage;
  private final Traces traces;
  private final Map<TopicPartition, Long> emitted = new HashMap<>();
  private volatile boolean stopping;

  StageWorker(
      StageSettings settings,
      Consumer<byte[], byte[]> consumer,
      Producer<byte[], byte[]> producer,
      Assignment assignment,
      BatchTransaction transaction,
      Quarantine quarantine,
      StageMetrics metrics,
      Lineage lineage,
      Traces traces) {
    this.settings = settings;
    this.consumer = consumer;
    this.producer = producer;
    this.assignment = assignment;
    this.transaction = transaction;
    this.quarantine = quarantine;
    this.metrics = metrics;
    this.lineage = lineage;
    this.traces = traces;
  }

  /** Works until told to stop, or until an error ends this membership. */
  void work() throws FencedException, InterruptedException {
    producer.initTransactions();
    consumer.subscribe(settings.topics(), assignment);
    while (!stopping) {
      ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
      assignment.failIfBroken();
      // Captured here and never refreshed: if the group moves on meanwhile, the offsets of this
      // batch must not count.
      ConsumerGroupMetadata group = consumer.groupMetadata();
      metrics.polled(consumer);
      List<InputRecord> records = records(polled);
      if (records.isEmpty()) {
        passMarkers(group);
      } else {
        long began = System.nanoTime();
        followed(records, group);
        if (records.size() < settings.maxRecords() / 2 && !stopping) {
          pace(began);
        }
      }
    }
  }

  private static void pace(long began) throws InterruptedException {
    long left = PACE_NANOS - (System.nanoTime() - began);
    if (left > 0) {
      TimeUnit.NANOSECONDS.sleep(left);
    }
  }

  /** Ends the work after the batch at hand. May be called from any thread. */
  void stop() {
    stopping = true;
    consumer.wakeup();
  }

  private void followed(List<InputRecord> records, ConsumerGroupMetadata group)
      throws FencedException, InterruptedException {
    BatchParts parts = new BatchParts();
    try {
      batch(parts.begin(traces, settings.consumer(), records), group);
      parts.end();
    } catch (FencedException | InterruptedException | RuntimeException e) {
      parts.end(e);
      throw e;
    }
  }

  private void batch(List<InputRecord> records, ConsumerGroupMetadata group)
      throws FencedException, InterruptedException {
    long began = System.nanoTime();
    long generation = assignment.generation();
    List<Output> outputs = new ArrayList<>();
    if (!applied(records, outputs, generation)) {
      throw new FencedException("the partitions moved while the batch waited");
    }
    if (!appended(outputs, offsets(records), group)) {
      // In a new membership others may have said these records meanwhile.
      if (assignment.generation() != generation) {
        throw new FencedException("the partitions moved while the batch waited");
      }
      again(records);
      return;
    }
    assignment.noteApplied(records);
    transaction.appended();
    metrics.batch(records.size(), outputs.size(), System.nanoTime() - began);
  }

  /**
   * Has a batch polled again, of those partitions that are still here then: what has had its effect
   * is only said again. Nobody else has said it as long as the epochs are ours.
   */
  private void again(List<InputRecord> records) {
    Map<TopicPartition, Long> first = new HashMap<>();
    for (InputRecord record : records) {
      first.merge(
          new TopicPartition(record.topic(), record.partition()), record.offset(), Math::min);
    }
    first.forEach((partition, offset) -> consumer.seek(partition, offset));
  }

  /** Repeats the Postgres half until it's done; false when the partitions moved meanwhile. */
  private boolean applied(List<InputRecord> records, List<Output> outputs, long generation)
      throws FencedException, InterruptedException {
    long delay = 5;
    while (true) {
      try {
        outputs.addAll(transaction.run(records, assignment.epochs()));
        return true;
      } catch (SQLException | RuntimeException e) {
        Failure failure = Failure.of(e);
        if (failure == Failure.DATA) {
          return divided(records, outputs, generation, e);
        }
        metrics.retried(failure, e, records.size());
        if (!waited(delay, generation)) {
          return false;
        }
        delay = failure == Failure.RACE ? Math.min(delay * 2, 200) : Math.min(delay * 2, 2_000);
      }
    }
  }

  /**
   * Finds the record that can't be processed by halving, keeping order, and puts it into
   * quarantine.
   */
  private boolean divided(
      List<InputRecord> records, List<Output> outputs, long generation, Exception error)
      throws FencedException, InterruptedException {
    if (records.size() > 1) {
      int half = records.size() / 2;
      return applied(records.subList(0, half), outputs, generation)
          && applied(records.subList(half, records.size()), outputs, generation);
    }
    InputRecord record = records.getFirst();
    metrics.quarantined(record, error);
    return setAside(record, generation, Refusals.unprocessable(error));
  }

  private boolean setAside(InputRecord record, long generation, String reasons)
      throws FencedException, InterruptedException {
    QuarantineEntry entry =
        QuarantineEntry.of(
            settings.consumer(), record, reasons, Refusals.workspaceOf(record.value()));
    while (true) {
      try {
        QuarantineEntry kept = entry;
        transaction.setAside(
            record, assignment.epochs(), connection -> quarantine.add(connection, kept));
        return true;
      } catch (SQLException e) {
        if (Failure.of(e) == Failure.DATA && entry.workspaceId() != null) {
          // What was read from the record can't be stored in the quarantine either; its bytes can.
          entry = QuarantineEntry.of(settings.consumer(), record, Refusals.unprocessable(e), null);
          continue;
        }
        metrics.retried(Failure.TRANSIENT, e, 1);
        if (!waited(1_000, generation)) {
          return false;
        }
      }
    }
  }

  /** Waits with the partitions paused and the membership alive. */
  private boolean waited(long millis, long generation) throws InterruptedException {
    if (stopping) {
      return false;
    }
    if (millis < 50) {
      TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(millis + 1));
      return true;
    }
    consumer.pause(consumer.assignment());
    ConsumerRecords<byte[], byte[]> none =
        consumer.poll(
            Duration.ofMillis(ThreadLocalRandom.current().nextLong(millis / 2, millis + 1)));
    if (!none.isEmpty() || assignment.generation() != generation || stopping) {
      return false;
    }
    consumer.resume(assignment.running());
    return true;
  }

  /**
   * The Kafka half: outputs and input offsets in one transaction. An error ends this membership.
   *
   * @return false when the group has moved on since the poll, so that nothing was said
   */
  private boolean appended(
      List<Output> outputs,
      Map<TopicPartition, OffsetAndMetadata> offsets,
      ConsumerGroupMetadata group) {
    boolean done = outputs.isEmpty() ? noted(offsets, group) : said(outputs, offsets, group);
    if (done) {
      offsets.forEach((partition, offset) -> emitted.put(partition, offset.offset()));
    }
    return done;
  }

  /**
   * Offsets alone need no transaction, which costs the broker several times as much: the group's
   * coordinator takes them from a member of its present generation only. Those of an earlier
   * transaction whose marker comes later don't set them back: it compares their places in its log.
   */
  private boolean noted(
      Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
    if (!group.equals(consumer.groupMetadata())) {
      return false;
    }
    try {
      consumer.commitSync(offsets);
      return true;
    } catch (CommitFailedException | RebalanceInProgressException e) {
      metrics.retried(Failure.RACE, e, offsets.size());
      return false;
    }
  }

  private boolean said(
      List<Output> outputs,
      Map<TopicPartition, OffsetAndMetadata> offsets,
      ConsumerGroupMetadata group) {
    producer.beginTransaction();
    for (Output output : outputs) {
      Future<RecordMetadata> _ = // a failed send fails the commit
          producer.send(
              traces.carry(
                  new ProducerRecord<>(
                      output.topic(),
                      null,
                      output.key().getBytes(java.nio.charset.StandardCharsets.UTF_8),
                      output.value(),
                      headers(output)),
                  output.cause().trace()));
    }
    try {
      producer.sendOffsetsToTransaction(offsets, group);
    } catch (CommitFailedException e) {
      // Somebody joins or leaves. To leave for that would move the group again, and so on for as
      // long as there's work: the next poll tells who has what now.
      producer.abortTransaction();
      metrics.retried(Failure.RACE, e, offsets.size());
      return false;
    }
    producer.commitTransaction();
    return true;
  }

  /**
   * Transaction markers behind the last record move the position without a record. The group's
   * offset follows, or a position token taken at the log's end would never be passed.
   */
  private void passMarkers(ConsumerGroupMetadata group) {
    Map<TopicPartition, OffsetAndMetadata> moved = new HashMap<>();
    for (TopicPartition partition : assignment.running()) {
      long position = consumer.position(partition);
      Long last = emitted.get(partition);
      if (last != null && position > last) {
        moved.put(partition, at(position, assignment.applied(partition)));
      }
      emitted.putIfAbsent(partition, assignment.committed(partition));
    }
    if (!moved.isEmpty()) {
      boolean _ = appended(List.of(), moved, group); // else with the next poll
    }
  }

  private List<Header> headers(Output output) {
    Header source = new RecordHeader(Source.HEADER, source(output.cause()).encode());
    return output.again() ? List.of(source, AGAIN) : List.of(source);
  }

  private Source source(InputRecord cause) {
    String origin = Source.ofStage(settings.consumer(), cause.topic(), cause.partition());
    return new Source(lineage.current(), origin, cause.offset());
  }

  private OffsetAndMetadata at(long offset, long applied) {
    return new OffsetAndMetadata(offset, new Mark(lineage.current(), applied).format());
  }

  private Map<TopicPartition, OffsetAndMetadata> offsets(List<InputRecord> records) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (InputRecord record : records) {
      TopicPartition partition = new TopicPartition(record.topic(), record.partition());
      long next = record.offset() + 1;
      offsets.put(partition, at(next, Math.max(next, assignment.applied(partition))));
    }
    return offsets;
  }

  /** What was polled, without ghosts: those move the offsets as markers do. */
  private List<InputRecord> records(ConsumerRecords<byte[], byte[]> polled) {
    List<InputRecord> records = new ArrayList<>(polled.count());
    for (ConsumerRecord<byte[], byte[]> record : polled) {
      if (lineage.isGhost(record.headers())) {
        metrics.ghost();
        continue;
      }
      records.add(
          new InputRecord(
              record.topic(),
              record.partition(),
              record.offset(),
              text(record.key()),
              record.value() == null ? new byte[0] : record.value(),
              java.time.Instant.ofEpochMilli(record.timestamp()),
              traces.of(record.headers()),
              record.headers().lastHeader(AGAIN.key()) != null));
    }
    return records;
  }

  private static String text(byte @Nullable [] key) {
    return key == null ? "" : new String(key, java.nio.charset.StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    try (producer) {
      consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ofSeconds(3)));
    } catch (RuntimeException e) {
      log.warn("stage={} leaving the group failed: {}", settings.consumer(), e.toString());
    }
  }
}
