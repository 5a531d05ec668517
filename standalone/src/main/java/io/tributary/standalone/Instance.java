package io.tributary.standalone;

import io.tributary.embedded.DataDirectory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * {@code tributary stop} and {@code tributary status}: what another process does with a running
 * one.
 */
final class Instance {

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

  private Instance() {}

  static int status(Options options, PrintStream out) {
    if (!DataDirectory.inUse(options.data())) {
      out.println(
          "Tributary isn't running in " + options.data() + ". Start it with ./tributary start.");
      return 1;
    }
    Optional<Connection> connection = Connection.find(options.data());
    if (connection.isEmpty()) {
      out.println("Tributary is starting or stopping in " + options.data() + ".");
      return 1;
    }
    Connection running = connection.get();
    out.println("Tributary is running: process " + running.pid() + ".");
    out.println("  Collector  " + running.collectorUrl());
    out.println("  API        " + running.apiUrl() + "/api/v1");
    return 0;
  }

  static int stop(Options options, PrintStream out) {
    if (!DataDirectory.inUse(options.data())) {
      out.println("Tributary isn't running in " + options.data() + ".");
      return 0;
    }
    Optional<ProcessHandle> process = holder(options);
    if (process.isEmpty()) {
      throw new RefusedException("The process that holds " + options.data() + " can't be found.");
    }
    process.get().destroy();
    try {
      process.get().onExit().orTimeout(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      throw new RefusedException(
          "Process "
              + process.get().pid()
              + " doesn't stop. End it with: kill -9 "
              + process.get().pid()
              + " (the next start recovers).");
    }
    out.println("Tributary stopped.");
    return 0;
  }

  /** The process that noted itself in the lock file, which it holds locked. */
  private static Optional<ProcessHandle> holder(Options options) {
    try {
      String pid = Files.readString(options.data().resolve("lock")).strip();
      return pid.isEmpty() ? Optional.empty() : ProcessHandle.of(Long.parseLong(pid));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
