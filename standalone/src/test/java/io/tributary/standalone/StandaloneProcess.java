package io.tributary.standalone;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command in a process of its own. */
final class StandaloneProcess {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Process process;
  private final Path output;

  private StandaloneProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  static StandaloneProcess launch(Path directory, String... arguments) throws IOException {
    Path output = Files.createTempFile(directory, "run", ".out");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                StandaloneApplication.class.getName()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--data", directory.resolve("data").toString()));
    return new StandaloneProcess(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start(),
        output);
  }

  /** Waits until it says that it's ready, and fails at once when it ends instead. */
  void awaitReady() {
    await()
        .atMost(PATIENCE)
        .failFast(this::requireAlive)
        .until(() -> output().contains("Tributary is ready"));
  }

  private void requireAlive() {
    if (!process.isAlive()) {
      throw new IllegalStateException("it ended and said: " + output());
    }
  }

  int awaitEnd() {
    return process.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join().exitValue();
  }

  void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  void terminate() {
    process.destroy();
  }

  long pid() {
    return process.pid();
  }

  String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
