package io.tributary.acceptance.chaos;

import io.tributary.acceptance.processes.ProcessesSettings;
import io.tributary.acceptance.processes.Program;
import io.tributary.acceptance.processes.SeparateProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Services, Kafka and Postgres as processes of their own, with a piece of network that can be
 * broken before Kafka and before Postgres.
 */
final class SeparateServices implements Installation {
  private final Path data;
  private final TcpProxy postgresNet;
  private final TcpProxy kafkaNet;
  private final SeparateProcesses processes;

  /** Starts all of it in an empty directory. */
  SeparateServices(Path root, Path data, Map<String, String> settings) throws IOException {
    this.data = data;
    int kafkaPort = Ports.free();
    this.postgresNet = new TcpProxy(0, this::postgresPort);
    this.kafkaNet = new TcpProxy(0, () -> kafkaPort);
    ProcessesSettings wanted =
        ProcessesSettings.of(root, data)
            .withKafka(kafkaPort, kafkaNet.port())
            .withEnvironment("TRIBUTARY_KAFKA_BOOTSTRAP", "127.0.0.1:" + kafkaNet.port())
            .withEnvironment(
                "TRIBUTARY_DATABASE_URL",
                "jdbc:postgresql://127.0.0.1:" + postgresNet.port() + "/tributary");
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      wanted = wanted.withEnvironment(setting.getKey(), setting.getValue());
    }
    this.processes = SeparateProcesses.start(wanted);
  }

  /** The network before Postgres. */
  TcpProxy postgresNet() {
    return postgresNet;
  }

  /** The network before Kafka. */
  TcpProxy kafkaNet() {
    return kafkaNet;
  }

  /** The processes. */
  SeparateProcesses processes() {
    return processes;
  }

  /** The port that Postgres itself wrote down. */
  private int postgresPort() {
    try {
      Path file = data.resolve("postgres/data/postmaster.pid");
      return Integer.parseInt(Files.readAllLines(file).get(3).strip());
    } catch (IOException | IndexOutOfBoundsException e) {
      return 1; // it isn't there: nobody listens at this port either
    }
  }

  @Override
  public Target target() {
    return new Target(
        processes.collectorUrl(),
        processes.apiUrl(),
        processes.writeKey(),
        processes.apiToken(),
        processes.kafkaBootstrap(),
        "jdbc:postgresql://127.0.0.1:" + processes.postgres().port() + "/tributary",
        processes.secret("TRIBUTARY_DATABASE_PASSWORD"));
  }

  @Override
  public long postmaster() {
    return processes.postgres().pid();
  }

  @Override
  public void healPostgres() {
    processes.postgres().start();
  }

  @Override
  public List<Path> logs() {
    return processes.programs().stream().map(Program::log).filter(Files::exists).toList();
  }

  @Override
  public void close() throws IOException {
    processes.close();
    postgresNet.close();
    kafkaNet.close();
  }
}
