package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.utils.Exit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaServerTest {

  private static final AtomicBoolean FAILED = new AtomicBoolean();

  @TempDir static Path directory;
  private static KafkaServer kafka;

  @BeforeAll
  static void start() {
    kafka = KafkaServer.start(KafkaSettings.in(directory, 0, () -> FAILED.set(true)));
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
