package io.tributary.embedded;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Both servers in a JVM of their own, which writes to both without end until it's killed. */
final class ServerProcess implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final Path output;

  private ServerProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  static ServerProcess start(Path directory) throws IOException {
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                ServerProcess.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectOutput(output.toFile())
            .start();
    return new ServerProcess(process, output);
  }

  /** Waits until so many writes were acknowledged by both. */
  void awaitAcknowledged(int count) {
    await().atMost(PATIENCE).until(() -> acknowledged() >= count);
  }

  /** The last number that both acknowledged. */
  int acknowledged() throws IOException {
    return Files.readAllLines(output).stream()
        .filter(line -> line.matches("acknowledged \\d+\\."))
        .mapToInt(
            line -> Integer.parseInt(line.substring("acknowledged ".length(), line.length() - 1)))
        .max()
        .orElse(0);
  }

  /** Kills it without a chance to clean up. */
  void kill() {
    process.destroyForcibly();
    process.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    kill();
  }

  @SuppressWarnings("SystemOut") // the parent process reads it
  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    DataDirectory.open(directory);
    PostgresServer postgres =
        PostgresServer.start(PostgresSettings.durable(directory.resolve("postgres"), 0));
    KafkaServer kafka =
        KafkaServer.start(KafkaSettings.in(directory.resolve("kafka"), 0, () -> System.exit(3)));
    Servers.createTopic(kafka);
    try (var connection = Servers.connect(postgres);
        var producer =
            new KafkaProducer<>(
                Map.<String, Object>of(
                    "bootstrap.servers", kafka.bootstrapServers(), "acks", "all"),
                new StringSerializer(),
                new StringSerializer())) {
      connection.createStatement().execute("create table if not exists written (number int)");
      for (int number = 1; ; number++) {
        connection.createStatement().execute("insert into written values (" + number + ")");
        producer.send(new ProducerRecord<>(Servers.TOPIC, "", String.valueOf(number))).get();
        System.out.println("acknowledged " + number + ".");
      }
    }
  }
}
