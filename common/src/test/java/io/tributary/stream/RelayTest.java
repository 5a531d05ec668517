package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RelayTest {
  private StreamFixture fixture;
  private ChangeLog changes;

  @BeforeEach
  void open() throws SQLException {
    fixture = new StreamFixture();
    changes = new ChangeLog("counting", "changes", 2);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void rowsOfManyWritersAreAppendedOnceEachInTheOrderOfTheirIdsOverRestarts() throws Exception {
    Relay first = relay();
    first.start();
    write(0, 150);
    first.wake();
    await().atMost(Duration.ofSeconds(20)).until(() -> fixture.emitted().size() >= 50);
    first.stop();
    Relay second = relay();
    second.start();
    write(150, 300);
    second.wake();
    await().atMost(Duration.ofSeconds(20)).until(() -> fixture.emitted().size() >= 300);
    second.stop();

    assertThat(fixture.emitted()).hasSize(300).doesNotHaveDuplicates();
    assertThat(fixture.number("select count(*) from counting.change_log")).isZero();
    assertThat(fixture.number("select sum(last_id) from counting.change_counter")).isEqualTo(300);
  }

  @Test
  void aTransactionThatRollsBackLeavesNoGapAndNoRow() throws Exception {
    try (Connection connection = fixture.dataSource.getConnection()) {
      connection.setAutoCommit(false);
      changes.append(connection, 0, List.of(change("lost")));
      connection.rollback();
      List<Long> ids = changes.append(connection, 0, List.of(change("a"), change("b")));
      connection.commit();
      assertThat(ids).containsExactly(1L, 2L);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"AFTER_APPEND", "AFTER_OFFSETS", "AFTER_KAFKA_COMMIT"})
  void aRelayThatDiesAnywhereLosesAndRepeatsNothing(Moment end) throws Exception {
    CountDownLatch dead = new CountDownLatch(1);
    write(0, 60);
    Relay mortal =
        new Relay(
            changes,
            fixture.output,
            fixture.clients,
            fixture.dataSource,
            id -> dying(fixture.clients.transactionalProducer(id), end, dead));
    mortal.start();
    assertThat(dead.await(30, TimeUnit.SECONDS)).isTrue();
    mortal.stop();
    Relay successor = relay();
    successor.start();
    write(60, 90);
    successor.wake();
    await().atMost(Duration.ofSeconds(30)).until(() -> fixture.emitted().size() >= 90);
    successor.stop();

    assertThat(fixture.emitted()).hasSize(90).doesNotHaveDuplicates();
    assertThat(fixture.number("select count(*) from counting.change_log")).isZero();
  }

  /** Leaves an open transaction open, as the end of a process does. */
  private static Producer<byte[], byte[]> dying(
      Producer<byte[], byte[]> real, Moment end, CountDownLatch dead) {
    return FragileWorker.telling(
        real,
        moment -> {
          if (moment == end) {
            real.close(Duration.ZERO);
            dead.countDown();
            throw new FragileWorker.Death();
          }
        });
  }

  private Relay relay() {
    return new Relay(changes, fixture.output, fixture.clients, fixture.dataSource);
  }

  private ChangeLog.Change change(String text) {
    return new ChangeLog.Change(
        "ws_1", fixture.output, text, id -> (text + "#" + id).getBytes(StandardCharsets.UTF_8));
  }

  private void write(int from, int to) throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    try (ExecutorService writers = Executors.newFixedThreadPool(6)) {
      List<Future<?>> done = new ArrayList<>();
      for (int i = from; i < to; i++) {
        String text = "row" + i;
        done.add(
            writers.submit(() -> {
              gate.await();
              try (Connection connection = fixture.dataSource.getConnection()) {
                connection.setAutoCommit(false);
                changes.append(connection, changes.shardOf(text), List.of(change(text)));
                connection.commit();
              }
              return null;
            }));
      }
      gate.countDown();
      for (Future<?> future : done) {
        future.get();
      }
    }
  }
}
