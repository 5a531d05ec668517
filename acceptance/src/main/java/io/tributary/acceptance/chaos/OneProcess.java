package io.tributary.acceptance.chaos;

import io.tributary.acceptance.processes.Signals;
import io.tributary.demo.Api;
import io.tributary.embedded.Ports;
import io.tributary.embedded.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** All in one process, started and stopped by the script as a person would. */
final class OneProcess implements Installation {
  private static final Duration START_LIMIT = Duration.ofMinutes(3);
  private final Path root;
  private final Path data;
  private final Map<String, String> settings;
  private final int collectorPort = Ports.free();
  private final int apiPort = Ports.free();
  private int backups;

  /**
   * Not started yet.
   *
   * @param root the project, with the script
   */
  OneProcess(Path root, Path data, Map<String, String> settings) {
    this.root = root;
    this.data = data;
    this.settings = settings;
  }

  /** Starts it and returns when it is ready. */
  void start() throws IOException {
    Process script = launch();
    await(script);
    if (script.exitValue() != 0) {
      throw new IOException(
          "the start failed: " + Files.readString(data.resolve("chaos-start.out")));
    }
  }

  private Process launch() throws IOException {
    return script(
        List.of(
            "start",
            "--data",
            data.toString(),
            "--collector-port",
            String.valueOf(collectorPort),
            "--api-port",
            String.valueOf(apiPort),
            "--detach"));
  }

  private Process script(List<String> arguments) throws IOException {
    Files.createDirectories(data);
    List<String> command = new ArrayList<>(List.of(root.resolve("tributary").toString()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(root.toFile())
            .redirectErrorStream(true)
            .redirectOutput(data.resolve("chaos-start.out").toFile());
    // Threads that get into each other's way, also where there are few processors.
    for (String stage : List.of("IDENTITY", "PROFILE", "SEGMENT")) {
      builder.environment().put("TRIBUTARY_" + stage + "_THREADS", "2");
    }
    builder.environment().putAll(settings);
    builder.environment().put("TRIBUTARY_BUILD", "off");
    builder.environment().put("TRIBUTARY_PUBLIC_URL", "http://127.0.0.1:" + apiPort);
    return builder.start();
  }

  private static void await(Process script) throws IOException {
    try {
      if (!script.waitFor(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        script.descendants().forEach(ProcessHandle::destroyForcibly);
        script.destroyForcibly();
        throw new IOException("the script didn't end within " + START_LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the script ran", e);
    }
  }

  /** Ends the process without a chance to do anything; Postgres lives on. */
  void kill() throws IOException {
    process().ifPresent(Signals::kill);
  }

  /** Starts it, ends it after a while wherever it has come to, and starts it again. */
  void startTwice(int millis) throws IOException {
    Process script = launch();
    try {
      script.waitFor(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while it started", e);
    }
    List<ProcessHandle> all =
        Stream.concat(script.descendants(), process().stream())
            .filter(handle -> handle.info().command().orElse("").endsWith("java"))
            .toList();
    all.forEach(Signals::kill);
    await(script);
    start();
  }

  /** Copies all of it while it runs, to a place beside it. */
  Path backUp() throws IOException {
    Path backup = data.resolveSibling("backup-" + ++backups);
    succeed("backup", "--to", backup.toString());
    return backup;
  }

  /** Files of Postgres are lost, and with them what else it would take to start it. */
  void losePostgres() throws IOException {
    for (String lost : List.of("global", "base", "pg_wal")) {
      Trees.delete(data.resolve("postgres/data").resolve(lost));
    }
  }

  /** Puts Postgres back from a backup, which is then deleted; Kafka's log is kept. */
  void restore(Path backup) throws IOException {
    succeed("restore", "--from", backup.toString(), "--keep-log");
    Trees.delete(backup);
  }

  private void succeed(String command, String... more) throws IOException {
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(List.of(more));
    words.addAll(List.of("--data", data.toString()));
    Process script = script(words);
    await(script);
    if (script.exitValue() != 0) {
      throw new IOException(
          command + " failed: " + Files.readString(data.resolve("chaos-start.out")));
    }
  }

  /** The process that holds the data directory. */
  Optional<ProcessHandle> process() throws IOException {
    try {
      String text = Files.readString(data.resolve("lock")).strip();
      return text.isEmpty()
          ? Optional.empty()
          : ProcessHandle.of(Long.parseLong(text)).filter(ProcessHandle::isAlive);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public Target target() throws IOException {
    JsonNode connection = Api.MAPPER.readTree(Files.readAllBytes(data.resolve("connection.json")));
    return new Target(
        "http://127.0.0.1:" + collectorPort,
        "http://127.0.0.1:" + apiPort,
        connection.path("writeKey").asString(),
        connection.path("apiToken").asString(),
        connection.path("kafka").asString(),
        connection.path("databaseUrl").asString(),
        Files.readString(data.resolve("postgres/password")).strip());
  }

  @Override
  public boolean allows(Fault fault) {
    return true;
  }

  @Override
  public long postmaster() throws IOException {
    Path file = data.resolve("postgres/data/postmaster.pid");
    return Long.parseLong(Files.readAllLines(file).getFirst().strip());
  }

  /** The process looks after its Postgres itself. */
  @Override
  public void healPostgres() {}

  @Override
  public List<Path> logs() throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("logs"))) {
      return files.filter(file -> file.getFileName().toString().startsWith("tributary")).toList();
    }
  }

  @Override
  public void close() throws IOException {
    await(script(List.of("stop", "--data", data.toString())));
  }
}
