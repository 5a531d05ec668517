package io.tributary.testing;

import io.tributary.embedded.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;

/** Where this JVM's test servers live, and their end. */
final class TestServers {

  /** {@code embedded} or {@code containers}; without it, what the machine has. */
  private static final String CHOICE = "TRIBUTARY_TEST_SERVERS";

  private static final Path ROOT =
      Path.of(
          System.getProperty("java.io.tmpdir"),
          "tributary-test-" + System.getProperty("user.name"));

  private static final class Own {
    static final Path DIRECTORY = create();
  }

  private TestServers() {}

  static boolean containers() {
    String choice = System.getenv(CHOICE);
    if (choice != null) {
      return choice.equals("containers");
    }
    // Testcontainers searches for seconds where there's plainly no engine.
    boolean plausible =
        System.getenv("DOCKER_HOST") != null || Files.exists(Path.of("/var/run/docker.sock"));
    return plausible && DockerClientFactory.instance().isDockerAvailable();
  }

  /** Unpacked programs, kept between test runs. */
  static Path shared() {
    return ROOT;
  }

  /** This JVM's directory; removed at its end. */
  static Path directory() {
    return Own.DIRECTORY;
  }

  static void onExit(Runnable close) {
    Runtime.getRuntime().addShutdownHook(new Thread(close, "test-server-stop"));
  }

  private static Path create() {
    try {
      Files.createDirectories(ROOT);
      sweep();
      Path directory = ROOT.resolve(String.valueOf(ProcessHandle.current().pid()));
      delete(directory);
      return Files.createDirectories(directory);
    } catch (IOException e) {
      throw new IllegalStateException("no directory for the test servers in " + ROOT, e);
    }
  }

  /** Ends what a test run that was killed left behind. */
  private static void sweep() throws IOException {
    try (Stream<Path> runs = Files.list(ROOT)) {
      for (Path run : runs.toList()) {
        String name = run.getFileName().toString();
        if (name.matches("\\d+") && ProcessHandle.of(Long.parseLong(name)).isEmpty()) {
          sweep(run);
        }
      }
    }
  }

  private static void sweep(Path run) {
    try {
      PostgresServer.stopOrphan(run.resolve("postgres"));
      delete(run);
    } catch (IOException | UncheckedIOException anotherJvmSweepsItToo) {
      // Modules' tests may run side by side; who comes second finds files gone.
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> paths = Files.walk(directory)) {
      all = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.deleteIfExists(path);
    }
  }
}
