package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
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
        if (random.nextInt(3) == 0 && loops.stream().anyMatch(StageLoop::isRunning)) {
          await("progress, seed " + seed).atMost(LIMIT).until(() -> fixture.seen() > before);
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
