package io.tributary.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A running postmaster, known by its {@code postmaster.pid}. It outlives a killed launcher, since
 * it's nobody's child.
 *
 * @param data the data directory
 * @param pid the process
 * @param port on 127.0.0.1
 */
record Postmaster(Path data, long pid, int port) {

  private static final long POLL_MILLIS = 20;

  /**
   * The postmaster of the data directory, if one is alive. A file that points to a stranger is
   * removed.
   */
  static Optional<Postmaster> find(Path data) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(file(data));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (lines.size() < 4) {
      return Optional.empty();
    }
    long pid = Math.abs(Long.parseLong(lines.get(0).strip()));
    Optional<ProcessHandle> process = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
    if (process.isEmpty()) {
      // Postgres removes such a file itself, after a check that no child of the dead one lives.
      return Optional.empty();
    }
    if (!isPostgresOf(process.get(), data)) {
      // The number was given to another program since; Postgres would refuse to start.
      Files.deleteIfExists(file(data));
      return Optional.empty();
    }
    return Optional.of(new Postmaster(data, pid, Integer.parseInt(lines.get(3).strip())));
  }

  /**
   * Fast shutdown; after half the time at the latest, the immediate one, which the next start
   * recovers from.
   */
  void stop(Duration timeout) throws IOException {
    signal("INT");
    if (!awaitEnd(timeout.dividedBy(2))) {
      signal("QUIT");
      if (!awaitEnd(timeout.dividedBy(2))) {
        throw new EmbeddedServerException(
            "Postgres (process " + pid + ") doesn't stop. End it with: kill -QUIT " + pid);
      }
    }
  }

  boolean isAlive() {
    return ProcessHandle.of(pid).filter(p -> p.isAlive() && isPostgresOf(p, data)).isPresent();
  }

  private void signal(String name) {
    Command.run(
        Path.of("/"), Duration.ofSeconds(5), List.of("sh", "-c", "kill -" + name + " " + pid));
  }

  private boolean awaitEnd(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (isAlive()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      java.util.concurrent.locks.LockSupport.parkNanos(POLL_MILLIS * 1_000_000);
    }
    return true;
  }

  /** A zombie (nobody collects its exit status in some containers) has no command line any more. */
  private static boolean isPostgresOf(ProcessHandle process, Path data) {
    ProcessHandle.Info info = process.info();
    return info.command().orElse("").endsWith("postgres")
        && info.arguments().map(List::of).orElse(List.of()).contains(data.toString());
  }

  private static Path file(Path data) {
    return data.resolve("postmaster.pid");
  }
}
