package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StageLoopTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private StreamFixture fixture;

  @BeforeEach
  void open() throws SQLException {
    fixture = new StreamFixture();
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void everyRecordTakesEffectOnceAndIsSaidOnceOverManyRestarts() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int sent = 0;
    for (int round = 0; round < 4; round++) {
      StageLoop loop = fixture.loop(fixture.stage());
      loop.start();
      fixture.produce(sent, sent += 60 + random.nextInt(60));
      if (random.nextBoolean()) {
        int expected = sent;
        await().atMost(LIMIT).until(() -> seen() >= expected);
      }
      loop.stop();
    }
    int expected = sent;
    StageLoop loop = fixture.loop(fixture.stage());
    loop.start();
    await("seed " + seed).atMost(LIMIT).until(() -> fixture.emitted().size() >= expected);
    loop.stop();

    assertCountedOnce(expected);
  }

  @ParameterizedTest
  @EnumSource(FaultyDataSource.Moment.class)
  void aLostAnswerToCommitNeitherLosesNorRepeats(FaultyDataSource.Moment moment) throws Exception {
    FaultyDataSource faulty = new FaultyDataSource(fixture.dataSource, moment, 3);
    StageLoop loop = fixture.loop(fixture.stage(), faulty.proxy());
    fixture.produce(0, 120);
    loop.start();
    await().atMost(LIMIT).until(() -> fixture.emitted().size() >= 120);
    loop.stop();

    assertThat(faulty.failures.get()).isLessThanOrEqualTo(0);
    assertCountedOnce(120);
  }

  @Test
  void whatWasCommittedButNotSaidIsSaidAgainWithoutASecondEffect() throws Exception {
    fixture.produce(0, 40);
    StageLoop first = fixture.loop(fixture.stage());
    first.start();
    await().atMost(LIMIT).until(() -> fixture.emitted().size() == 40);
    first.stop();
    // As after a crash between the commit in Postgres and the one in Kafka: the group's offsets lie
    // behind.
    rewindGroup(5);

    StageLoop second = fixture.loop(fixture.stage());
    second.start();
    await().atMost(LIMIT).until(() -> fixture.emitted().size() > 40);
    fixture.produce(40, 50);
    await().atMost(LIMIT).until(() -> seen() == 50);
    second.stop();

    assertThat(fixture.number("select sum(total) from counting.counter")).isEqualTo(50);
    assertThat(fixture.emitted()).hasSize(60).containsAll(values(50));
  }

  @Test
  void oneRecordThatCannotBeStoredGoesToQuarantineAndItsNeighboursGoOn() throws Exception {
    List<String> sent = new ArrayList<>(values(45));
    sent.add(13, "poison");
    sent.add(40, "poison");
    fixture.produce(sent);
    StageLoop loop = fixture.loop(fixture.stage());
    loop.start();
    await().atMost(LIMIT).until(() -> fixture.emitted().size() == 45);
    loop.stop();

    assertCountedOnce(45);
    assertThat(fixture.number("select count(*) from counting.quarantine")).isEqualTo(2);
    assertThat(
            fixture.number(
                "select count(*) from counting.quarantine where convert_from(original, 'UTF8') = 'poison'"
                    + " and reasons -> 0 ->> 'code' = 'not_storable'"))
        .isEqualTo(2);
  }

  @Test
  void aStageHearsOfItsBatchOnceTheOutputsCanBeRead() throws Exception {
    Stage real = fixture.stage();
    AtomicInteger applied = new AtomicInteger();
    List<Integer> heard = new CopyOnWriteArrayList<>();
    Stage listening =
        new Stage() {
          @Override
          public List<Output> apply(Connection connection, List<InputRecord> records)
              throws SQLException {
            applied.addAndGet(records.size());
            return real.apply(connection, records);
          }

          @Override
          public List<Output> reemit(Connection connection, List<InputRecord> records)
              throws SQLException {
            return real.reemit(connection, records);
          }

          @Override
          public void committed() {
            // This thread stands here: if they weren't committed yet, they would never be.
            int all = applied.get();
            await().atMost(LIMIT).until(() -> fixture.emitted().size() == all);
            heard.add(all);
          }
        };
    fixture.produce(0, 120);
    StageLoop loop = fixture.loop(listening);
    loop.start();
    await().atMost(LIMIT).until(() -> heard.contains(120));
    loop.stop();

    assertThat(heard).hasSizeGreaterThan(1); // a batch has 50 records at most
  }

  @Test
  void aStageHearsNothingOfABatchWhoseOutputsWereDropped() throws Exception {
    Stage real = fixture.stage();
    List<String> acts = new CopyOnWriteArrayList<>();
    Stage tooLoud =
        new Stage() {
          @Override
          public List<Output> apply(Connection connection, List<InputRecord> records)
              throws SQLException {
            acts.add("applied");
            real.apply(connection, records);
            return List.of(
                new Output(fixture.output, "k", new byte[64 * 1024 * 1024], records.getFirst()));
          }

          @Override
          public List<Output> reemit(Connection connection, List<InputRecord> records)
              throws SQLException {
            acts.add("said again");
            return real.reemit(connection, records);
          }

          @Override
          public void committed() {
            acts.add("committed");
          }
        };
    fixture.produce(0, 1);
    StageLoop loop = fixture.loop(tooLoud);
    loop.start();
    await().atMost(LIMIT).until(() -> acts.contains("committed"));
    loop.stop();

    assertThat(acts).containsExactly("applied", "said again", "committed");
    assertCountedOnce(1);
  }

  @Test
  void anOutageOfTheDatabaseFillsNoQuarantine() throws Exception {
    AtomicInteger outages = new AtomicInteger(6);
    Stage real = fixture.stage();
    Stage failing =
        new Stage() {
          @Override
          public List<Output> apply(Connection connection, List<InputRecord> records)
              throws SQLException {
            if (outages.getAndDecrement() > 0) {
              throw new SQLException("terminating connection", "57P01");
            }
            return real.apply(connection, records);
          }

          @Override
          public List<Output> reemit(Connection connection, List<InputRecord> records)
              throws SQLException {
            return real.reemit(connection, records);
          }
        };
    fixture.produce(0, 30);
    StageLoop loop = fixture.loop(failing);
    loop.start();
    await().atMost(LIMIT).until(() -> fixture.emitted().size() == 30);
    loop.stop();

    assertThat(fixture.number("select count(*) from counting.quarantine")).isZero();
    assertCountedOnce(30);
  }

  @Test
  void anOwnerWhosePartitionWasTakenIsFencedWithItsBatch() throws Exception {
    fixture.produce(0, 10);
    StageLoop loop = fixture.loop(fixture.stage());
    loop.start();
    await().atMost(LIMIT).until(() -> seen() == 10);
    // Another process took the partitions while this one was frozen.
    fixture.execute("update counting.position set owner_epoch = owner_epoch + 1");
    fixture.produce(10, 20);
    await()
        .atMost(LIMIT)
        .until(() ->
            fixture.registry.counter("tributary.stage.fenced", "stage", fixture.consumer).count()
                > 0);
    await().atMost(LIMIT).until(() -> seen() == 20);
    loop.stop();

    assertCountedOnce(20);
  }

  @Test
  void aPartitionWhoseLogDoesNotFitItsPositionStopsWithAnAlarm() throws Exception {
    fixture.produce(0, 10);
    StageLoop first = fixture.loop(fixture.stage());
    first.start();
    await().atMost(LIMIT).until(() -> fixture.emitted().size() == 10);
    first.stop();
    fixture.execute("update counting.position set topic_id = 'another'");

    StageLoop second = fixture.loop(fixture.stage());
    second.start();
    await().atMost(LIMIT).until(() -> second.stoppedPartitions().size() == 2);
    fixture.produce(10, 20);

    assertThat(second.health().getStatus().getCode()).isEqualTo("DOWN");
    assertThat(seen()).isEqualTo(10);
    second.stop();
  }

  @Test
  void aTokenTakenAtTheEndIsPassedOnceEverythingBeforeItIs() throws Exception {
    StageLoop loop = fixture.loop(fixture.stage());
    StageLoop next = next();
    Progress progress = progressAlongBoth();
    fixture.produce(0, 30);
    PositionToken token = progress.now();
    assertThat(progress.passed(token)).isFalse();
    loop.start();
    next.start();
    assertThat(progress.await(token, LIMIT)).isTrue();
    assertThat(PositionToken.parse(token.format())).contains(token);
    assertThat(progress.lag().values()).containsOnly(0L);
    loop.stop();
    next.stop();
  }

  /** The next stage can't read what lies behind a transaction that is still open. */
  @Test
  void aTokenIsNotPassedByEventsThatLieBehindTheOpenTransactionOfAnother() throws Exception {
    StageLoop loop = fixture.loop(fixture.stage());
    StageLoop next = next();
    Progress progress = progressAlongBoth();
    try (Producer<byte[], byte[]> other =
        fixture.clients.transactionalProducer("other-" + fixture.consumer)) {
      other.initTransactions();
      other.beginTransaction();
      for (int partition = 0; partition < 2; partition++) {
        other.send(new ProducerRecord<>(fixture.output, partition, new byte[0], new byte[0])).get();
      }
      fixture.produce(0, 30);
      PositionToken token = progress.now();
      loop.start();
      next.start();
      Progress first =
          new Progress(fixture.clients, List.of(new Progress.Hop(fixture.consumer, fixture.input)));
      assertThat(first.await(token, LIMIT)).isTrue();
      assertThat(progress.passed(token)).isFalse();
      other.commitTransaction();
      assertThat(progress.await(token, LIMIT)).isTrue();
    }
    loop.stop();
    next.stop();
  }

  private Progress progressAlongBoth() {
    return new Progress(
        fixture.clients,
        List.of(
            new Progress.Hop(fixture.consumer, fixture.input),
            new Progress.Hop(fixture.consumer + "-2", fixture.output)));
  }

  /** Reads what the fixture's stage says, and says nothing. */
  private StageLoop next() {
    return new StageLoop(
        new StageSettings(fixture.consumer + "-2", "counting", List.of(fixture.output), 50, 1),
        fixture.clients,
        fixture.dataSource,
        new Stage() {
          @Override
          public List<Output> apply(Connection connection, List<InputRecord> records) {
            return List.of();
          }

          @Override
          public List<Output> reemit(Connection connection, List<InputRecord> records) {
            return List.of();
          }
        },
        fixture.registry,
        java.time.Clock.systemUTC());
  }

  private void rewindGroup(int records) {
    try (Consumer<byte[], byte[]> consumer =
            fixture.clients.consumer(fixture.consumer, "rewind", 1);
        var producer = fixture.clients.transactionalProducer("rewind-" + fixture.consumer)) {
      Map<TopicPartition, OffsetAndMetadata> offsets = new java.util.HashMap<>();
      for (int partition = 0; partition < 2; partition++) {
        TopicPartition of = new TopicPartition(fixture.input, partition);
        long end = consumer.endOffsets(List.of(of)).getOrDefault(of, 0L);
        assertThat(end).isGreaterThanOrEqualTo(records);
        offsets.put(of, new OffsetAndMetadata(end - records));
      }
      producer.initTransactions();
      producer.beginTransaction();
      producer.sendOffsetsToTransaction(offsets, memberless());
      producer.commitTransaction();
    }
  }

  @SuppressWarnings("removal")
  private ConsumerGroupMetadata memberless() {
    return new ConsumerGroupMetadata(fixture.consumer);
  }

  private long seen() throws SQLException {
    return fixture.seen();
  }

  private void assertCountedOnce(int expected) throws SQLException {
    fixture.assertCountedOnce("", expected);
  }

  private static List<String> values(int count) {
    return IntStream.range(0, count).mapToObj(i -> "v" + i).toList();
  }
}
