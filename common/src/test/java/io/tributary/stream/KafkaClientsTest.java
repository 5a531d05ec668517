package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.testing.TestKafka;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class KafkaClientsTest {
  @Test
  void theMembersOfAGroupAreKnownAsThisProcess() throws Exception {
    String topic = "read-" + System.nanoTime();
    try (KafkaClients clients =
            new KafkaClients(new KafkaSettings(TestKafka.bootstrapServers(), "reader", "0", 1, 1));
        Consumer<byte[], byte[]> consumer = clients.consumer(topic, "one", 10)) {
      clients.ensureTopics(List.of(topic));
      OffsetAndMetadata start = new OffsetAndMetadata(0);
      clients
          .admin()
          .alterConsumerGroupOffsets(topic, Map.of(new TopicPartition(topic, 0), start))
          .all()
          .get();
      consumer.subscribe(List.of(topic));
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .pollInSameThread()
          .until(() -> {
            consumer.poll(Duration.ofMillis(100));
            return !consumer.assignment().isEmpty();
          });
      Collection<MemberDescription> members =
          Objects.requireNonNull(
                  clients.admin().describeConsumerGroups(List.of(topic)).all().get().get(topic))
              .members();
      assertThat(members)
          .extracting(MemberDescription::clientId)
          .hasSize(1)
          .allMatch(KafkaClients::isOurs)
          .allMatch(id -> id.startsWith("reader-one-"));
      assertThat(KafkaClients.isOurs("reader-one-00000000")).isFalse();
      assertThat(KafkaClients.isOurs("reader-one")).as("of an earlier version").isFalse();
    }
  }
}
