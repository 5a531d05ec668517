package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.testing.TestKafka;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private static final byte[] VALUE = "left alone".getBytes(StandardCharsets.UTF_8);
  private final String topic = "ledger-" + System.nanoTime();
  private final KafkaClients clients =
      new KafkaClients(new KafkaSettings(TestKafka.bootstrapServers(), "ledger", "0", 1, 1));
  private final Ledger ledger = new Ledger(clients.producer("ledger"), topic);

  @AfterEach
  void close() {
    ledger.close();
    clients.close();
  }

  @Test
  void whatKafkaCannotTakeYetIsSaidAgain() throws Exception {
    CompletableFuture<Void> appended =
        CompletableFuture.runAsync(() -> ledger.append("ada", VALUE));
    // Longer than the producer waits by itself.
    assertThatThrownBy(() -> appended.get(2, TimeUnit.SECONDS))
        .isInstanceOf(TimeoutException.class);
    clients.ensureTopics(List.of(topic));
    appended.get(30, TimeUnit.SECONDS);
    assertThat(TestKafka.committed(topic)).hasSize(1);
  }

  @Test
  void whatKafkaDoesNotTakeInTimeIsNotAnsweredAsDone() {
    assertThatThrownBy(() -> ledger.append("ada", VALUE))
        .isInstanceOf(Ledger.NotLogged.class)
        .hasMessageContaining(topic);
  }
}
