package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups are taken while somebody writes, and hold one moment. */
class RunningBackupTest {
  private static final String NOISE = "noise";
  private static final TopicPartition PARTITION = new TopicPartition(Servers.TOPIC, 0);

  @Test
  void aPostgresThatIsWrittenToIsPutBackAsItWasAtOneMoment(@TempDir Path directory)
      throws Exception {
    Path running = directory.resolve("running");
    Path backup = directory.resolve("backup");
    long before;
    try (PostgresServer postgres = PostgresServer.start(PostgresSettings.durable(running, 0))) {
      try (Connection connection = Servers.connect(postgres);
          Statement statement = connection.createStatement()) {
        statement.execute("create table one (n bigint primary key, filler text)");
        statement.execute("create table two (n bigint primary key, filler text)");
      }
      AtomicLong written = new AtomicLong();
      AtomicBoolean going = new AtomicBoolean(true);
      Thread writer = Thread.ofPlatform().start(() -> write(postgres, written, going));
      await().atMost(Duration.ofSeconds(20)).until(() -> written.get() > 500);
      before = written.get();
      BackupFiles files = new BackupFiles(backup, bytes -> {});
      new PostgresBackup(running, files).take();
      going.set(false);
      writer.join();
      assertThat(BackupFiles.damaged(backup, files.written())).isEmpty();
      checkDamageIsSeen(backup, files);
    }
    try (PostgresServer restored =
            PostgresServer.start(PostgresSettings.durable(backup.resolve("postgres"), 0));
        Connection connection = Servers.connect(restored);
        Statement statement = connection.createStatement()) {
      long one = number(statement, "select count(*) from one");
      assertThat(one).isGreaterThanOrEqualTo(before);
      assertThat(number(statement, "select max(n) from one")).isEqualTo(one);
      assertThat(number(statement, "select count(*) from two")).isEqualTo(one);
    }
  }

  private static void checkDamageIsSeen(Path backup, BackupFiles files) throws IOException {
    Path version = backup.resolve("postgres/data/PG_VERSION");
    String good = Files.readString(version);
    Files.writeString(version, "17\n", StandardOpenOption.TRUNCATE_EXISTING);
    assertThat(BackupFiles.damaged(backup, files.written())).contains("postgres/data/PG_VERSION");
    Files.writeString(version, good, StandardOpenOption.TRUNCATE_EXISTING);
  }

  private static void write(PostgresServer postgres, AtomicLong written, AtomicBoolean going) {
    try (Connection connection = Servers.connect(postgres);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      while (going.get()) {
        long n = written.get() + 1;
        for (String table : List.of("one", "two")) {
          statement.execute("insert into " + table + " values (" + n + ", repeat('x', 700))");
        }
        connection.commit();
        written.set(n);
      }
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long number(Statement statement, String query) throws Exception {
    try (ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  @Test
  void aKafkaThatIsWrittenToIsPutBackWithoutATransactionThatHangs(@TempDir Path directory)
      throws Exception {
    Path running = directory.resolve("running");
    Path backup = directory.resolve("backup");
    List<KafkaBackup.GroupOffset> groups;
    List<String> before;
    try (KafkaServer kafka = KafkaServer.start(KafkaSettings.in(running, 0, () -> {}))) {
      Servers.createTopic(kafka);
      AtomicLong committed = new AtomicLong();
      AtomicBoolean going = new AtomicBoolean(true);
      Thread writer = Thread.ofPlatform().start(() -> transact(kafka, committed, going));
      List<Thread> others = noise(kafka, going);
      await().atMost(Duration.ofSeconds(20)).until(() -> committed.get() > 20);
      before = read(kafka);
      BackupFiles files = new BackupFiles(backup, bytes -> {});
      try (KafkaBackup taking = new KafkaBackup(running, kafka.bootstrapServers(), files)) {
        assertThat(taking.isOfDirectory()).isTrue();
        groups = taking.take();
      }
      going.set(false);
      writer.join();
      for (Thread other : others) {
        other.join();
      }
    }
    try (KafkaServer restored =
        KafkaServer.start(KafkaSettings.in(backup.resolve("kafka"), 0, () -> {}))) {
      for (String topic : List.of(Servers.TOPIC, NOISE)) {
        assertThat(end(restored, topic, IsolationLevel.READ_COMMITTED))
            .as("a transaction in %s never ends", topic)
            .isEqualTo(end(restored, topic, IsolationLevel.READ_UNCOMMITTED))
            .isPositive();
      }
      KafkaBackup.tell(restored.bootstrapServers(), groups);
      List<String> after = read(restored);
      assertThat(after).startsWith(before.toArray(String[]::new));
      OffsetAndMetadata offset = offset(restored);
      // What a group's offset says was done is there.
      assertThat(Long.parseLong(offset.metadata())).isLessThanOrEqualTo(after.size());
      AtomicLong more = new AtomicLong();
      AtomicBoolean going = new AtomicBoolean(true);
      Thread writer = Thread.ofPlatform().start(() -> transact(restored, more, going));
      await().atMost(Duration.ofSeconds(20)).until(() -> more.get() > 3);
      going.set(false);
      writer.join();
      assertThat(read(restored))
          .hasSizeGreaterThan(after.size())
          .startsWith(after.toArray(String[]::new));
    }
  }

  /** Several writers with transactions of their own: at any moment one or another is open. */
  private static List<Thread> noise(KafkaServer kafka, AtomicBoolean going) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      admin.createTopics(List.of(new NewTopic(NOISE, 1, (short) 1))).all().get();
    }
    AtomicLong ready = new AtomicLong();
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String id = "noise-" + i;
      writers.add(
          Thread.ofPlatform()
              .start(() -> {
                try (KafkaProducer<byte[], byte[]> producer = producer(kafka, id)) {
                  producer.initTransactions();
                  while (going.get()) {
                    producer.beginTransaction();
                    for (int n = 0; n < 5; n++) {
                      var _ = producer.send(new ProducerRecord<>(NOISE, 0, null, new byte[100]));
                      producer.flush();
                    }
                    producer.commitTransaction();
                    ready.incrementAndGet();
                  }
                }
              }));
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> ready.get() > 8);
    return writers;
  }

  private static KafkaProducer<byte[], byte[]> producer(KafkaServer kafka, String id) {
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            kafka.bootstrapServers(),
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            id),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private static long end(KafkaServer kafka, String topic, IsolationLevel level) throws Exception {
    TopicPartition partition = new TopicPartition(topic, 0);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      return admin
          .listOffsets(Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions(level))
          .partitionResult(partition)
          .get()
          .offset();
    }
  }

  /** Transactions of two records and an offset whose metadata counts the records. */
  private static void transact(KafkaServer kafka, AtomicLong committed, AtomicBoolean going) {
    try (KafkaProducer<byte[], byte[]> producer = producer(kafka, "writer")) {
      producer.initTransactions();
      while (going.get()) {
        long n = committed.get();
        producer.beginTransaction();
        for (long i = 2 * n; i < 2 * n + 2; i++) {
          var _ =
              producer.send(
                  new ProducerRecord<>(
                      Servers.TOPIC, 0, null, String.valueOf(i).getBytes(StandardCharsets.UTF_8)));
          producer.flush(); // so that open transactions are in the log
        }
        producer.sendOffsetsToTransaction(
            Map.of(PARTITION, new OffsetAndMetadata(n, String.valueOf(2 * n + 2))), group());
        producer.commitTransaction();
        committed.set(n + 1);
      }
    }
  }

  @SuppressWarnings("removal") // No other way yet to name a group that nobody is a member of.
  private static org.apache.kafka.clients.consumer.ConsumerGroupMetadata group() {
    return new org.apache.kafka.clients.consumer.ConsumerGroupMetadata("readers");
  }

  private static OffsetAndMetadata offset(KafkaServer kafka) throws Exception {
    try (var admin =
        org.apache.kafka.clients.admin.Admin.create(
            Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      return java.util.Objects.requireNonNull(
          admin
              .listConsumerGroupOffsets("readers")
              .partitionsToOffsetAndMetadata()
              .get()
              .get(PARTITION));
    }
  }

  /** Everything that is committed; fails if the end isn't reached within some seconds. */
  private static List<String> read(KafkaServer kafka) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                kafka.bootstrapServers(),
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(PARTITION));
      consumer.seekToBeginning(List.of(PARTITION));
      long end = consumer.endOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
      List<String> values = new ArrayList<>();
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> {
            consumer
                .poll(Duration.ofMillis(200))
                .forEach(record -> values.add(new String(record.value(), StandardCharsets.UTF_8)));
            return consumer.position(PARTITION) >= end;
          });
      return values;
    }
  }
}
