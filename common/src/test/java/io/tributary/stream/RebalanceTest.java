package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.testing.TestKafka;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Partitions change hands, and topics change under those who read them. */
class RebalanceTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Test
  void instancesThatComeAndGoAllTheTimeLoseAndRepeatNothing() throws Exception {
    long seed = Long.getLong("tributary.seed", System.nanoTime());
    Random random = new Random(seed);
    try (StreamFixture fixture = new StreamFixture(6)) {
      List<KafkaClients> clients = new ArrayList<>();
      List<StageLoop> loops = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        clients.add(fixture.clients("storm-" + i));
        loops.add(fixture.loop(fixture.stage(), fixture.dataSource, clients.getLast()));
      }
      int sent = 0;
      for (int round = 0; round < 16; round++) {
        StageLoop loop = loops.get(random.nextInt(loops.size()));
        if (loop.isRunning()) {
          loop.stop();
        } else {
          loop.start();
        }
        fixture.produce(sent, sent += 40);
        long before = fixture.seen();
        int all = sent;
        if (random.nextInt(3) == 0 && loops.stream().anyMatch(StageLoop::isRunning)) {
          await("progress, seed " + seed)
              .atMost(LIMIT)
              .until(() -> {
                // Nothing is left to be done where it was done before one looked.
                long seen = fixture.seen();
                return seen > before || seen == all;
              });
        }
      }
      loops.forEach(StageLoop::start);
      int expected = sent;
      await("seed " + seed).atMost(LIMIT).until(() -> fixture.emitted().size() >= expected);
      loops.forEach(StageLoop::stop);
      clients.forEach(KafkaClients::close);

      fixture.assertCountedOnce("seed " + seed, expected);
    }
  }

  @Test
  void offsetsWhoseTransactionNeverEndsAreTakenAsTheyAre() throws Exception {
    try (StreamFixture fixture = new StreamFixture(1)) {
      fixture.produce(0, 30);
      StageLoop first = fixture.loop(fixture.stage());
      first.start();
      await().atMost(LIMIT).until(() -> fixture.emitted().size() >= 30);
      first.stop();
      // To the coordinator it's the same whether a transaction is open or its end was missed.
      try (Producer<byte[], byte[]> endless = endless();
          Consumer<byte[], byte[]> nobody = fixture.clients.consumer(fixture.consumer, "x", 1)) {
        endless.initTransactions();
        endless.beginTransaction();
        endless.sendOffsetsToTransaction(
            Map.of(new TopicPartition(fixture.input, 0), new OffsetAndMetadata(30)),
            nobody.groupMetadata());
        fixture.produce(30, 50);
        StageLoop second = fixture.loop(fixture.stage());
        second.start();
        await().atMost(LIMIT).until(() -> fixture.emitted().size() >= 50);
        second.stop();
        endless.abortTransaction();
      }

      fixture.assertCountedOnce("", 50);
    }
  }

  private static Producer<byte[], byte[]> endless() {
    Map<String, Object> config =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            TestKafka.bootstrapServers(),
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            "endless-" + System.nanoTime(),
            ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
            600_000);
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Test
  void instancesThatJoinUnderLoadShareItAndNobodyHasToLeave() throws Exception {
    AtomicBoolean slow = new AtomicBoolean(true);
    try (StreamFixture fixture = new StreamFixture(6)) {
      fixture.produce(0, 6_000);
      List<KafkaClients> clients = new ArrayList<>();
      List<StageLoop> loops = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        clients.add(fixture.clients("joins-" + i));
        Stage stage = slowly(fixture.stage(), slow);
        loops.add(fixture.loop(stage, fixture.dataSource, clients.getLast()));
      }
      loops.getFirst().start();
      await().atMost(LIMIT).until(() -> fixture.seen() > 0);
      loops.forEach(StageLoop::start);
      await("each has partitions").atMost(LIMIT).until(() -> readers(fixture) == 3);
      // Whoever joined stays: nobody is on the way out or in again while batches go on.
      long before = fixture.seen();
      await().atMost(LIMIT).until(() -> fixture.seen() > before + 100);
      assertThat(readers(fixture)).isEqualTo(3);
      assertThat(
              fixture.registry.counter("tributary.stage.fenced", "stage", fixture.consumer).count())
          .isZero();
      slow.set(false);
      await().atMost(LIMIT).until(() -> fixture.emitted().size() >= 6_000);
      loops.forEach(StageLoop::stop);
      clients.forEach(KafkaClients::close);

      fixture.assertCountedOnce("joined under load", 6_000);
    }
  }

  /** Batches that take longer than the group needs to move. */
  private static Stage slowly(Stage stage, AtomicBoolean slow) {
    return new Stage() {
      @Override
      public List<Output> apply(Connection connection, List<InputRecord> records)
          throws SQLException {
        if (slow.get()) {
          try (Statement statement = connection.createStatement()) {
            statement.execute("select pg_sleep(0.3)");
          }
        }
        return stage.apply(connection, records);
      }

      @Override
      public List<Output> reemit(Connection connection, List<InputRecord> records)
          throws SQLException {
        return stage.reemit(connection, records);
      }
    };
  }

  private static long readers(StreamFixture fixture) throws Exception {
    return fixture
        .clients
        .admin()
        .describeConsumerGroups(List.of(fixture.consumer))
        .all()
        .get(20, TimeUnit.SECONDS)
        .values()
        .stream()
        .flatMap(group -> group.members().stream())
        .filter(member -> !member.assignment().topicPartitions().isEmpty())
        .count();
  }

  @Test
  void aTopicThatIsCreatedAnewUnderAStageStopsItWithAnAlarm() throws Exception {
    try (StreamFixture fixture = new StreamFixture()) {
      StageLoop loop = fixture.loop(fixture.stage());
      loop.start();
      fixture.produce(0, 20);
      await().atMost(LIMIT).until(() -> fixture.emitted().size() == 20);
      fixture.clients.admin().deleteTopics(List.of(fixture.input)).all().get(20, TimeUnit.SECONDS);
      createAgain(fixture);
      // More than there was: the old position lies within the new log.
      fixture.produce(20, 220);
      await().atMost(LIMIT).until(() -> loop.stoppedPartitions().size() == 2);

      assertThat(loop.health().getStatus().getCode()).isEqualTo("DOWN");
      assertThat(fixture.seen()).as("nothing of another log was taken").isEqualTo(20);
      loop.stop();
    }
  }

  /** The broker forgets a topic a little after it has said so. */
  private static void createAgain(StreamFixture fixture) {
    await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(() -> {
          fixture.clients.ensureTopics(List.of(fixture.input));
          try (Producer<byte[], byte[]> probe = fixture.clients.producer("probe")) {
            return probe.partitionsFor(fixture.input).size() == 2;
          }
        });
  }
}
