package io.tributary.stream;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Appends the rows of a {@link ChangeLog} to Kafka, each once: the records and the relay's cursor
 * go into one Kafka transaction. The cursor is kept as the offset of a group that has no members,
 * on the log's topic, one partition per shard. One relay works at a time in a cluster: it holds an
 * advisory lock, and a stale one is fenced by its transactional id.
 */
public final class Relay implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(Relay.class);
  private static final int BATCH = 1_000;
  private static final long IDLE_MS = 1_000;
  private final ChangeLog changes;
  private final String topic;
  private final KafkaClients clients;
  private final DataSource dataSource;
  private final BlockingQueue<Boolean> wakeups = new ArrayBlockingQueue<>(1);
  private final Map<Integer, Long> cursors = new HashMap<>();
  private Lineage lineage = Lineage.FIRST;
  private final String group;
  private final Function<String, Producer<byte[], byte[]>> producers;
  private volatile boolean running;
  private Thread thread = new Thread();

  /**
   * A relay for a log whose rows all go to {@code topic}. The topic must have at least as many
   * partitions as the log has shards.
   */
  public Relay(ChangeLog changes, String topic, KafkaClients clients, DataSource dataSource) {
    this(changes, topic, clients, dataSource, clients::transactionalProducer);
  }

  /**
   * A relay with producers of the caller's make.
   *
   * @param producers makes one for a transactional id
   */
  Relay(
      ChangeLog changes,
      String topic,
      KafkaClients clients,
      DataSource dataSource,
      Function<String, Producer<byte[], byte[]>> producers) {
    this.producers = producers;
    this.changes = changes;
    this.topic = topic;
    this.clients = clients;
    this.dataSource = dataSource;
    this.group = group(changes.name());
  }

  /** The group that keeps the cursor of a log. */
  static String group(String log) {
    return "relay." + log;
  }

  /** Says that there's something to append. Cheap; call it after a commit. */
  public void wake() {
    wakeups.offer(true);
  }

  @Override
  public synchronized void start() {
    if (running) {
      return;
    }
    running = true;
    clients.ensureTopics(List.of(topic));
    thread = Thread.ofPlatform().name("relay-" + changes.name()).start(this::run);
  }

  @Override
  public synchronized void stop() {
    running = false;
    wake();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private void run() {
    while (running) {
      try (Connection lock = dataSource.getConnection()) {
        if (locked(lock)) {
          lead(lock);
        }
      } catch (SQLException | RuntimeException e) {
        log.warn("relay={} begins anew: {}", changes.name(), e.getClass().getSimpleName());
        log.debug("relay={} failed", changes.name(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      if (running) {
        idle();
      }
    }
  }

  private void lead(Connection lock) throws SQLException, InterruptedException {
    try (Producer<byte[], byte[]> producer = producers.apply("tributary-relay-" + changes.name())) {
      producer.initTransactions();
      lineage = Lineage.read(dataSource, changes.schema());
      readCursors();
      while (running && lock.isValid(2)) {
        int appended = 0;
        for (int shard = 0; shard < changes.shards(); shard++) {
          appended += append(producer, lock, shard);
        }
        if (appended == 0) {
          wakeups.poll(IDLE_MS, TimeUnit.MILLISECONDS);
        }
      }
    } finally {
      unlock(lock);
    }
  }

  private void readCursors() {
    cursors.clear();
    Map<TopicPartition, OffsetAndMetadata> stored =
        Await.result(
            "reading the relay's cursors",
            clients.admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
    for (int shard = 0; shard < changes.shards(); shard++) {
      OffsetAndMetadata offset = stored.get(new TopicPartition(topic, shard));
      cursors.put(shard, offset == null ? 0 : cursor(shard, offset));
    }
  }

  /** Rows that an earlier life of the database wrote beyond its restored counter don't count. */
  private long cursor(int shard, OffsetAndMetadata offset) {
    int said = Mark.parse(offset.metadata()).map(Mark::lineage).orElse(0);
    if (said > lineage.current()) {
      throw new IllegalStateException(
          "the database of relay "
              + changes.name()
              + " was put back without ./tributary restored: see docs/operating.md, \"Postgres was put back\"");
    }
    return said < lineage.current()
        ? Math.min(
            offset.offset(), lineage.knownBelow(said, Source.ofLog(changes.name(), shard)) - 1)
        : offset.offset();
  }

  private int append(Producer<byte[], byte[]> producer, Connection connection, int shard)
      throws SQLException {
    List<Row> rows = rows(connection, shard, cursors.getOrDefault(shard, 0L));
    if (rows.isEmpty()) {
      return 0;
    }
    long last = rows.getLast().id();
    producer.beginTransaction();
    for (Row row : rows) {
      Future<RecordMetadata> _ = // a failed send fails the commit
          producer.send(
              clients
                  .traces()
                  .carry(
                      new ProducerRecord<>(
                          row.topic(),
                          null,
                          row.key().getBytes(StandardCharsets.UTF_8),
                          row.value(),
                          List.of(new RecordHeader(Source.HEADER, source(shard, row).encode()))),
                      row.trace()));
    }
    producer.sendOffsetsToTransaction(
        Map.of(
            new TopicPartition(topic, shard),
            new OffsetAndMetadata(last, new Mark(lineage.current(), last).format())),
        memberless());
    producer.commitTransaction();
    cursors.put(shard, last);
    sweep(connection, shard, last);
    return rows.size();
  }

  private Source source(int shard, Row row) {
    return new Source(lineage.current(), Source.ofLog(changes.name(), shard), row.id());
  }

  @SuppressWarnings("removal") // No other way yet to name a group that nobody is a member of.
  private ConsumerGroupMetadata memberless() {
    return new ConsumerGroupMetadata(group);
  }

  private record Row(long id, String topic, String key, byte[] value, @Nullable String trace) {}

  private List<Row> rows(Connection connection, int shard, long after) throws SQLException {
    String sql =
        """
        select id, topic, key, value, trace from %s.change_log
        where log = ? and shard = ? and id > ? order by id limit ?
        """
            .formatted(changes.schema());
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, changes.log());
      statement.setInt(2, shard);
      statement.setLong(3, after);
      statement.setInt(4, BATCH);
      List<Row> rows = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          rows.add(
              new Row(
                  row.getLong(1),
                  row.getString(2),
                  row.getString(3),
                  row.getBytes(4),
                  row.getString(5)));
        }
      }
      return rows;
    }
  }

  /** What is in Kafka needs no copy here: services keep their own history. */
  private void sweep(Connection connection, int shard, long through) throws SQLException {
    String sql =
        "delete from %s.change_log where log = ? and shard = ? and id <= ?"
            .formatted(changes.schema());
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, changes.log());
      statement.setInt(2, shard);
      statement.setLong(3, through);
      statement.executeUpdate();
    }
  }

  private boolean locked(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select pg_try_advisory_lock(hashtextextended(?, 0))")) {
      statement.setString(1, group);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  /** The connection goes back to a pool: the lock must not go with it. */
  private void unlock(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select pg_advisory_unlock(hashtextextended(?, 0))")) {
      statement.setString(1, group);
      statement.execute();
    }
  }

  private void idle() {
    try {
      wakeups.poll(IDLE_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
