package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Exit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaServerTest {

  private static final List<String> GROUPS = List.of("readers", "nobody");
  private static final String LIVING = "living";
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final AtomicBoolean FAILED = new AtomicBoolean();

  @TempDir static Path directory;
  private static KafkaServer kafka;

  @BeforeAll
  static void start() throws Exception {
    kafka = KafkaServer.start(KafkaSettings.in(directory, 0, () -> FAILED.set(true)));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      admin.createTopics(List.of(new NewTopic("read", 1, (short) 1))).all().get();
    }
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void theNodeForgetsNothingByItself() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
      var config =
          Objects.requireNonNull(admin.describeConfigs(List.of(broker)).all().get().get(broker));
      assertThat(config.get("log.retention.ms").value()).isEqualTo("-1");
      assertThat(config.get("log.retention.bytes").value()).isEqualTo("-1");
      assertThat(config.get("offsets.retention.minutes").value()).isEqualTo("2147483647");
      assertThat(config.get("auto.create.topics.enable").value()).isEqualTo("false");
    }
  }

  @Test
  void transactionsHaveTheSafeProtocol() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      var features = admin.describeFeatures().featureMetadata().get().finalizedFeatures();
      assertThat(Objects.requireNonNull(features.get("transaction.version")).maxVersionLevel())
          .isEqualTo((short) 2);
    }
  }

  /** A node that was killed while these were large didn't find its groups again for good. */
  @Test
  void whatCoordinatorsReadAtAStartIsKeptSmallAlsoWhereItWasLargeBefore(@TempDir Path other)
      throws Exception {
    Collection<ConfigResource> topics =
        KafkaConfiguration.COORDINATOR_TOPICS.keySet().stream()
            .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
            .toList();
    try (KafkaServer first = KafkaServer.start(KafkaSettings.in(other, 0, () -> {}));
        Admin admin = Admin.create(Map.of("bootstrap.servers", first.bootstrapServers()))) {
      assertThat(settings(admin, topics)).allMatch(KafkaConfiguration.SMALL::equals);
      Map<ConfigResource, Collection<AlterConfigOp>> large = new HashMap<>();
      topics.forEach(topic ->
          large.put(
              topic,
              List.of(
                  new AlterConfigOp(new ConfigEntry("segment.bytes", "104857600"), OpType.SET),
                  new AlterConfigOp(new ConfigEntry("segment.ms", ""), OpType.DELETE))));
      admin.incrementalAlterConfigs(large).all().get();
    }
    try (KafkaServer second = KafkaServer.start(KafkaSettings.in(other, 0, () -> {}));
        Admin admin = Admin.create(Map.of("bootstrap.servers", second.bootstrapServers()))) {
      assertThat(settings(admin, topics)).allMatch(KafkaConfiguration.SMALL::equals);
    }
  }

  private static List<Map<String, String>> settings(Admin admin, Collection<ConfigResource> topics)
      throws Exception {
    return admin.describeConfigs(topics).all().get().values().stream()
        .map(config ->
            KafkaConfiguration.SMALL.keySet().stream()
                .collect(Collectors.toMap(name -> name, name -> config.get(name).value())))
        .toList();
  }

  /** Their sessions would end after half an hour only. */
  @Test
  void aGroupDoesNotWaitForMembersThatAreForgotten() throws Exception {
    // Begins before there is anything to forget, as when a coordinator is still being loaded.
    Thread forgetting =
        Thread.ofPlatform().start(() -> kafka.forgetMembers(GROUPS, LIVING::equals, LIMIT));
    try {
      joined("dead")
          .close(CloseOptions.groupMembershipOperation(GroupMembershipOperation.REMAIN_IN_GROUP));
      joined(LIVING).close();
    } finally {
      forgetting.interrupt();
      forgetting.join();
    }
  }

  @Test
  void theLivingAreLeftAlone() {
    try (KafkaConsumer<byte[], byte[]> living = joined(LIVING)) {
      int generation = living.groupMetadata().generationId();
      kafka.forgetMembers(GROUPS, LIVING::equals, Duration.ofMillis(1));
      living.poll(Duration.ofSeconds(1)); // would take part in a rebalance
      assertThat(living.groupMetadata().generationId()).isEqualTo(generation);
    }
  }

  private static KafkaConsumer<byte[], byte[]> joined(String clientId) {
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "client.id",
                clientId,
                "group.id",
                "readers",
                "session.timeout.ms",
                1_800_000,
                "max.poll.interval.ms",
                3_600_000),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    consumer.subscribe(List.of("read"));
    long end = System.nanoTime() + LIMIT.toNanos();
    while (consumer.assignment().isEmpty()) {
      assertThat(System.nanoTime()).as("joins in time").isLessThan(end);
      consumer.poll(Duration.ofMillis(100));
    }
    return consumer;
  }

  @Test
  void aBrokerThatGivesUpTellsInsteadOfEndingTheProcess() {
    assertThatThrownBy(() -> Exit.halt(1, "disk failed")).hasMessageContaining("disk failed");
    assertThat(FAILED).isTrue();
  }

  @Test
  void aTakenPortIsNamed(@TempDir Path other) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(
              () -> KafkaServer.start(KafkaSettings.in(other, taken.getLocalPort(), () -> {})))
          .hasMessageContaining("Port " + taken.getLocalPort())
          .hasMessageContaining("TRIBUTARY_KAFKA_PORT");
    }
  }
}
