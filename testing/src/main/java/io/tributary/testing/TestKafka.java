package io.tributary.testing;

import io.tributary.embedded.KafkaServer;
import io.tributary.embedded.KafkaSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.testcontainers.kafka.KafkaContainer;

/**
 * One Kafka for all tests of this JVM: a container where a Docker engine answers, else the embedded
 * one.
 */
public final class TestKafka {

  private static final String IMAGE = "apache/kafka:4.2.1";
  private static final Duration POLL = Duration.ofMillis(200);

  /** Started by the first use, stopped with the JVM. */
  private static final class Shared {
    static final String BOOTSTRAP_SERVERS = TestServers.containers() ? container() : embedded();
  }

  private TestKafka() {}

  /** For {@code bootstrap.servers}. Tests take topics and groups of their own name. */
  public static String bootstrapServers() {
    return Shared.BOOTSTRAP_SERVERS;
  }

  /**
   * Forgets how far groups have read. A service with a new database needs it where another one has
   * read the same topics before: a database that knows less than Kafka is one that was put back.
   */
  public static void forgetReaders() {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
      List<String> groups =
          admin.listGroups(ListGroupsOptions.forConsumerGroups()).all().get().stream()
              .map(GroupListing::groupId)
              .toList();
      for (Map.Entry<String, KafkaFuture<Void>> group :
          admin.deleteConsumerGroups(groups).deletedGroups().entrySet()) {
        forgotten(group.getKey(), group.getValue());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while groups were forgotten", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the groups couldn't be listed", e);
    }
  }

  private static void forgotten(String group, KafkaFuture<Void> deletion)
      throws InterruptedException {
    try {
      deletion.get();
    } catch (ExecutionException e) {
      // Who still reads is another test's; who is gone meanwhile is forgotten.
      if (!(e.getCause() instanceof GroupNotEmptyException)
          && !(e.getCause() instanceof GroupIdNotFoundException)) {
        throw new IllegalStateException("group " + group + " couldn't be forgotten", e);
      }
    }
  }

  /**
   * All records that a read_committed reader sees now, partition by partition, each in log order.
   */
  public static List<ConsumerRecord<byte[], byte[]>> committed(String topic) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", bootstrapServers(), "isolation.level", "read_committed");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .sorted(java.util.Comparator.comparingInt(TopicPartition::partition))
              .toList();
      List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
      consumer
          .endOffsets(partitions)
          .forEach((partition, end) -> read(consumer, partition, end, all));
      all.sort(
          java.util.Comparator.comparingInt((ConsumerRecord<byte[], byte[]> r) -> r.partition())
              .thenComparingLong(ConsumerRecord::offset));
      return List.copyOf(all);
    }
  }

  private static void read(
      KafkaConsumer<byte[], byte[]> consumer,
      TopicPartition partition,
      long end,
      List<ConsumerRecord<byte[], byte[]>> into) {
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    while (consumer.position(partition) < end) {
      consumer.poll(POLL).records(partition).stream()
          .filter(r -> r.offset() < end)
          .forEach(into::add);
    }
  }

  private static String embedded() {
    KafkaServer server =
        KafkaServer.start(
            KafkaSettings.in(
                TestServers.directory().resolve("kafka"),
                0,
                () -> {
                  throw new IllegalStateException("the tests' Kafka gave up");
                }));
    TestServers.onExit(server::close);
    return server.bootstrapServers();
  }

  @SuppressWarnings("resource") // lives as long as the JVM; Testcontainers removes it
  private static String container() {
    KafkaContainer container =
        new KafkaContainer(IMAGE)
            .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
            .withEnv("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
            .withEnv("KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS", "4")
            .withEnv("KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS", "2");
    container.start();
    return container.getBootstrapServers();
  }
}
