package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher's process is killed while it writes; the next start finds everything that was
 * acknowledged.
 */
class UncleanEndTest {

  @TempDir Path directory;

  @Test
  void aKilledProcessLeavesServersThatStartAgainWithAllAcknowledgedWrites() throws Exception {
    int acknowledged;
    try (ServerProcess first = ServerProcess.start(directory)) {
      first.awaitAcknowledged(50);
      first.kill();
      acknowledged = first.acknowledged();
    }
    long orphan = pid();
    assertThat(ProcessHandle.of(orphan)).as("the postmaster outlives its launcher").isPresent();

    try (DataDirectory held = DataDirectory.open(directory);
        PostgresServer postgres =
            PostgresServer.start(PostgresSettings.durable(held.path().resolve("postgres"), 0));
        KafkaServer kafka =
            KafkaServer.start(KafkaSettings.in(held.path().resolve("kafka"), 0, () -> {}))) {
      assertThat(postgres.pid()).as("same settings: adopted").isEqualTo(orphan);
      assertThat(rows(postgres)).isGreaterThanOrEqualTo(acknowledged);
      assertThat(Servers.end(kafka)).isGreaterThanOrEqualTo(acknowledged);
    }
    assertThat(new Postmaster(directory.resolve("postgres/data"), orphan, 0).isAlive()).isFalse();
  }

  @Test
  void anOrphanWithOtherSettingsIsStoppedAndStartedAnew() throws Exception {
    Path data = directory.resolve("postgres");
    PostgresServer orphan = PostgresServer.start(PostgresSettings.durable(data, 0));
    try (PostgresServer next =
        PostgresServer.start(PostgresSettings.durable(data, 0).withSharedBuffers("32MB"))) {
      assertThat(next.pid()).isNotEqualTo(orphan.pid());
      assertThat(orphan.isAlive()).isFalse();
      assertThat(Servers.show(next, "shared_buffers")).isEqualTo("32MB");
    }
  }

  @Test
  void aKilledPostmasterRecovers() throws Exception {
    Path data = directory.resolve("postgres");
    PostgresServer first = PostgresServer.start(PostgresSettings.durable(data, 0));
    try (var connection = Servers.connect(first)) {
      connection.createStatement().execute("create table written as select 1 as number");
    }
    ProcessHandle.of(first.pid()).orElseThrow().destroyForcibly();
    try (PostgresServer next = PostgresServer.start(PostgresSettings.durable(data, 0))) {
      assertThat(rows(next)).isEqualTo(1);
    }
  }

  @Test
  void aPidFileThatPointsToAStrangerIsRemoved() throws Exception {
    Path data = directory.resolve("postgres");
    PostgresServer.start(PostgresSettings.durable(data, 0)).close();
    Path file = data.resolve("data/postmaster.pid");
    Files.writeString(
        file, ProcessHandle.current().pid() + "\n" + data + "\n0\n5432\n\n127.0.0.1\n");
    try (PostgresServer next = PostgresServer.start(PostgresSettings.durable(data, 0))) {
      assertThat(next.isAlive()).isTrue();
    }
  }

  private long pid() throws Exception {
    return Long.parseLong(
        Files.readAllLines(directory.resolve("postgres/data/postmaster.pid")).getFirst());
  }

  private static int rows(PostgresServer postgres) throws Exception {
    try (var connection = Servers.connect(postgres);
        var rows = connection.createStatement().executeQuery("select count(*) from written")) {
      rows.next();
      return rows.getInt(1);
    }
  }
}
