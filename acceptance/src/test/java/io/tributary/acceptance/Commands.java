package io.tributary.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs as a person at a terminal would. */
final class Commands {
  /** The project's root. */
  static final Path ROOT = root();

  /** What a program did. */
  record Result(int status, String output) {
    Result expectSuccess() {
      if (status != 0) {
        throw new AssertionError("exit status " + status + ":\n" + output);
      }
      return this;
    }
  }

  private Commands() {}

  static Result run(
      Path directory, Duration limit, Map<String, String> environment, List<String> command) {
    return run(directory, limit, environment, command, "");
  }

  static Result run(
      Path directory,
      Duration limit,
      Map<String, String> environment,
      List<String> command,
      String input) {
    try {
      // To a file, not a pipe: what a detached server inherits must not keep this reader waiting.
      Path output = Files.createTempFile("command", ".out");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      try (var in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      }
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new AssertionError(
            command + " did not end within " + limit + ":\n" + Files.readString(output));
      }
      Result result = new Result(process.exitValue(), Files.readString(output));
      Files.delete(output);
      return result;
    } catch (IOException e) {
      throw new UncheckedIOException("running " + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + command, e);
    }
  }

  /** Whether a program is on the path. */
  static boolean exists(String program) {
    return run(ROOT, Duration.ofSeconds(10), Map.of(), List.of("sh", "-c", "command -v " + program))
            .status()
        == 0;
  }

  private static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.exists(at.resolve("tributary"))) {
      at = at.getParent();
      if (at == null) {
        throw new IllegalStateException("not inside the project");
      }
    }
    return at;
  }
}
