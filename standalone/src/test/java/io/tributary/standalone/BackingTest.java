package io.tributary.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.embedded.EmbeddedServerException;
import io.tributary.embedded.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackingTest {

  @Test
  void whatWasClosedIsNotHealed(@TempDir Path data) {
    Options options =
        Options.parse(
            new String[] {"start", "--data", data.toString()},
            Map.of(Backing.KAFKA, "127.0.0.1:1"));
    Backing backing = Backing.start(options, () -> {});
    try {
      backing.close();
      // The thread that looks after Postgres may wake between its end and that of the process.
      backing.heal();
      assertThat(Files.exists(data.resolve("postgres/data/postmaster.pid")))
          .as("a Postgres that nobody would stop")
          .isFalse();
    } finally {
      PostgresServer.stopOrphan(data.resolve("postgres"));
    }
  }

  @Test
  void aKafkaThatDoesNotStartIsToldToWhoeverWaitsForIt(@TempDir Path data) throws Exception {
    Files.writeString(data.resolve("kafka"), "not a directory");
    Options options = Options.parse(new String[] {"start", "--data", data.toString()}, Map.of());
    Backing backing = Backing.start(options, () -> {});
    try {
      assertThatThrownBy(backing::awaitKafka)
          .isInstanceOf(EmbeddedServerException.class)
          .hasMessageContaining(data.resolve("kafka").toString());
    } finally {
      backing.close();
    }
    assertThat(Files.exists(data.resolve("postgres/data/postmaster.pid"))).isFalse();
  }
}
