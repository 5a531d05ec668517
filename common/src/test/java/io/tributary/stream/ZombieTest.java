package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A process stands still in the middle of a batch, for longer than the others wait for it. */
@Timeout(180)
class ZombieTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private final CountDownLatch frozen = new CountDownLatch(1);
  private final CountDownLatch thawed = new CountDownLatch(1);
  private StreamFixture fixture;

  @BeforeEach
  void open() throws SQLException {
    fixture = new StreamFixture();
  }

  @AfterEach
  void close() {
    thawed.countDown();
    fixture.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"BEFORE_COMMIT", "AFTER_COMMIT", "AFTER_OFFSETS"})
  void aFrozenOwnerWhosePartitionsWereTakenIsFencedWhenItComesBack(Moment moment) throws Exception {
    // As the services' pools have it: a frozen owner can't hold its locks for long.
    fixture.execute(
        """
        do $$ begin execute format(
          'alter database %I set idle_in_transaction_session_timeout = %L', current_database(), '1s'); end $$
        """);
    fixture.database.endIdleConnections();
    fixture.produce(0, 30);
    try (ExecutorService thread = Executors.newSingleThreadExecutor();
        KafkaClients others = fixture.clients("1");
        FragileWorker zombie =
            new FragileWorker(fixture, "0", fixture.stage(), standStillOnce(moment))) {
      Future<@Nullable Exception> ended = thread.submit(zombie::work);
      assertThat(frozen.await(30, TimeUnit.SECONDS)).isTrue();
      StageLoop successor = fixture.loop(fixture.stage(), fixture.dataSource, others);
      successor.start();
      fixture.produce(30, 50);
      await().atMost(LIMIT).until(() -> fixture.seen() == 50);
      thawed.countDown();
      assertThat(ended.get(60, TimeUnit.SECONDS)).as("what ended the zombie").isNotNull();
      await().atMost(LIMIT).until(() -> fixture.emitted().size() >= 50);
      successor.stop();
    }

    fixture.assertCountedOnce(moment.toString(), 50);
  }

  @Test
  void aBatchOfAnEarlierMembershipIsNotSaidInALaterOne() throws Exception {
    fixture.produce(0, 30);
    try (ExecutorService thread = Executors.newSingleThreadExecutor();
        KafkaClients others = fixture.clients("1");
        FragileWorker returning = returning(fixture.stage())) {
      Future<@Nullable Exception> ended = thread.submit(returning::work);
      assertThat(frozen.await(30, TimeUnit.SECONDS)).isTrue();
      StageLoop meanwhile = fixture.loop(fixture.stage(), fixture.dataSource, others);
      meanwhile.start();
      await().atMost(LIMIT).until(() -> fixture.emitted().size() >= 30);
      meanwhile.stop();
      thawed.countDown();
      assertThat(ended.get(60, TimeUnit.SECONDS)).as("what ended the old batch").isNotNull();
    }

    fixture.assertCountedOnce("", 30);
  }

  @Test
  void theOffsetsOfAnEarlierMembershipDontSetTheGroupBack() throws Exception {
    fixture.produce(0, 30);
    try (ExecutorService thread = Executors.newSingleThreadExecutor();
        KafkaClients others = fixture.clients("1");
        FragileWorker returning = returning(silent(fixture.stage()))) {
      Future<@Nullable Exception> ended = thread.submit(returning::work);
      assertThat(frozen.await(30, TimeUnit.SECONDS)).isTrue();
      StageLoop meanwhile = fixture.loop(silent(fixture.stage()), fixture.dataSource, others);
      meanwhile.start();
      fixture.produce(30, 50);
      await().atMost(LIMIT).until(() -> committed() == 50);
      meanwhile.stop();
      thawed.countDown();
      assertThat(ended.get(60, TimeUnit.SECONDS)).as("what ended the old batch").isNotNull();
    }

    assertThat(committed()).isEqualTo(50);
    assertThat(fixture.seen()).isEqualTo(50);
  }

  /** A worker that is put out of the group in its first batch, and joins again within it. */
  private FragileWorker returning(Stage stage) {
    return new FragileWorker(
        fixture,
        "0",
        stage,
        (moment, worker) -> {
          if (moment == Moment.AFTER_COMMIT && frozen.getCount() > 0) {
            evictAll();
            frozen.countDown();
            thawed.await();
            joinAgain(worker.consumer);
          }
        });
  }

  /** A stage that has nothing to say; so its offsets need no transaction. */
  private static Stage silent(Stage stage) {
    return new Stage() {
      @Override
      public List<Output> apply(Connection connection, List<InputRecord> records)
          throws SQLException {
        stage.apply(connection, records);
        return List.of();
      }

      @Override
      public List<Output> reemit(Connection connection, List<InputRecord> records) {
        return List.of();
      }
    };
  }

  /** How many records the group says it's done with. */
  private long committed() {
    return Await.result(
            "reading offsets",
            fixture
                .clients
                .admin()
                .listConsumerGroupOffsets(fixture.consumer)
                .partitionsToOffsetAndMetadata())
        .values()
        .stream()
        .mapToLong(offset -> offset == null ? 0 : offset.offset())
        .sum();
  }

  /** As a batch does that waits for the database: it polls, and so may become a new member. */
  private static void joinAgain(Consumer<byte[], byte[]> consumer) {
    int before = consumer.groupMetadata().generationId();
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (consumer.groupMetadata().generationId() == before || consumer.assignment().isEmpty()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      consumer.pause(consumer.assignment());
      consumer.poll(Duration.ofMillis(50));
    }
  }

  @Test
  void aTransactionThatTheBrokerGaveUpIsSaidAgainWhole() throws Exception {
    fixture.produce(0, 30);
    String id = "tributary-" + fixture.consumer + "-0-0";
    try (ExecutorService thread = Executors.newSingleThreadExecutor();
        FragileWorker slow =
            new FragileWorker(
                fixture,
                "0",
                fixture.stage(),
                (moment, _) -> {
                  if (moment == Moment.AFTER_APPEND && frozen.getCount() > 0) {
                    frozen.countDown();
                    thawed.await();
                  }
                })) {
      Future<@Nullable Exception> ended = thread.submit(slow::work);
      assertThat(frozen.await(30, TimeUnit.SECONDS)).isTrue();
      await().atMost(LIMIT).until(() -> state(id) == TransactionState.COMPLETE_ABORT);
      thawed.countDown();
      assertThat(ended.get(60, TimeUnit.SECONDS)).isNotNull();
    }
    assertThat(fixture.emitted()).isEmpty();
    StageLoop loop = fixture.loop(fixture.stage());
    loop.start();
    await().atMost(LIMIT).until(() -> fixture.emitted().size() >= 30);
    loop.stop();

    fixture.assertCountedOnce("", 30);
  }

  private FragileWorker.Incident standStillOnce(Moment when) {
    return (moment, _) -> {
      if (moment == when && frozen.getCount() > 0) {
        evictAll();
        frozen.countDown();
        thawed.await();
      }
    };
  }

  /** As the broker does with members that it hasn't heard of for too long. */
  private void evictAll() {
    Await.result(
        "removing the group's members",
        fixture
            .clients
            .admin()
            .removeMembersFromConsumerGroup(
                fixture.consumer, new RemoveMembersFromConsumerGroupOptions())
            .all());
  }

  private TransactionState state(String transactionalId) {
    return Await.result(
            "describing a transaction",
            fixture
                .clients
                .admin()
                .describeTransactions(List.of(transactionalId))
                .description(transactionalId))
        .state();
  }
}
