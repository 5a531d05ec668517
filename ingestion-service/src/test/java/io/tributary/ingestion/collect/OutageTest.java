package io.tributary.ingestion.collect;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tributary.embedded.KafkaServer;
import io.tributary.embedded.KafkaSettings;
import io.tributary.event.CollectedEvent;
import io.tributary.event.Topics;
import io.tributary.testing.TestPostgres;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What senders are told while the log or the database is away. */
class OutageTest {
  private static final Duration PROMISED = Duration.ofSeconds(2);

  @TempDir private Path directory;

  /** One request, and how long its answer took. */
  private record Attempt(String user, HttpResponse<String> answer, Duration took) {}

  private static Attempt post(Running service, String user, int events) {
    String event = "{'type':'page','userId':'" + user + "'}";
    String batch = "{'batch':[" + (event + ",").repeat(events - 1) + event + "]}";
    long began = System.nanoTime();
    HttpResponse<String> answer = service.post("/v1/batch", batch);
    return new Attempt(user, answer, Duration.ofNanos(System.nanoTime() - began));
  }

  private static List<Attempt> postTogether(Running service, String prefix, int requests)
      throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Attempt>> tasks = new ArrayList<>();
      IntStream.range(0, requests)
          .forEach(i -> tasks.add(() -> post(service, prefix + i, 1 + i * 20)));
      List<Attempt> attempts = new ArrayList<>();
      for (Future<Attempt> future : threads.invokeAll(tasks)) {
        attempts.add(future.get());
      }
      return attempts;
    }
  }

  @Test
  void withoutTheLogSendersAreTold503InTimeAndWithItNothingAnswered200IsMissing() throws Exception {
    KafkaServer kafka = kafka(0);
    int port = Integer.parseInt(kafka.bootstrapServers().replaceFirst(".*:", ""));
    Set<String> taken = new HashSet<>();
    try (Running service = new Running(TestPostgres.freshDatabase(), kafka.bootstrapServers())) {
      note(postTogether(service, "before", 5), taken);
      assertThat(taken).hasSize(5);
      kafka.close();
      for (int round = 0; round < 2; round++) {
        for (Attempt attempt : postTogether(service, "away" + round + "-", 8)) {
          assertThat(attempt.answer.statusCode()).as(attempt.answer.body()).isEqualTo(503);
          assertThat(attempt.answer.body()).contains("log_unavailable");
          assertThat(attempt.took).isLessThan(PROMISED.plusMillis(500));
        }
      }
      kafka = kafka(port);
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> post(service, "probe", 1).answer.statusCode() == 200);
      List<Attempt> after = postTogether(service, "after", 5);
      note(after, taken);
      assertThat(after).allMatch(attempt -> attempt.answer.statusCode() == 200);
      assertThat(users(kafka.bootstrapServers())).containsAll(taken);
    } finally {
      kafka.close();
    }
  }

  @Test
  void withoutTheDatabaseCollectionGoesOn() {
    try (KafkaServer kafka = kafka(0);
        Running service = new Running(TestPostgres.freshDatabase(), kafka.bootstrapServers())) {
      assertThat(post(service, "before", 1).answer.statusCode()).isEqualTo(200);
      service.part(HikariDataSource.class).close();
      Awaitility.await()
          .during(Duration.ofSeconds(3))
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> {
            assertThat(post(service, "during", 1).answer.statusCode()).isEqualTo(200);
            assertThat(service.post("/v1/track", "{'properties':1}").statusCode()).isEqualTo(200);
          });
    }
  }

  private KafkaServer kafka(int port) {
    return KafkaServer.start(
        KafkaSettings.in(
            directory.resolve("kafka"),
            port,
            () -> {
              throw new IllegalStateException("Kafka gave up");
            }));
  }

  private static void note(List<Attempt> attempts, Set<String> taken) {
    attempts.stream()
        .filter(attempt -> attempt.answer.statusCode() == 200)
        .forEach(attempt -> taken.add(attempt.user));
  }

  private static Set<String> users(String bootstrapServers) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", bootstrapServers);
    settings.put("isolation.level", "read_committed");
    Set<String> users = new HashSet<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.INGESTION_EVENTS).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        consumer
            .poll(Duration.ofMillis(200))
            .forEach(record ->
                users.add(String.valueOf(CollectedEvent.decode(record.value()).userId())));
      }
    }
    return users;
  }
}
