package io.tributary.acceptance.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A JVM: an instance of a service, the gateway, or Kafka. */
public final class JavaProgram implements Program {

  private static final Duration START_LIMIT = Duration.ofMinutes(3);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(40);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

  /**
   * What is run.
   *
   * @param environment all of it: nothing of ours is passed on
   * @param directory its working directory
   * @param address where it listens
   * @param healthPort where it tells its health
   * @param http whether that is an HTTP answer, or just a port that opens
   */
  record Launch(
      List<String> command,
      Map<String, String> environment,
      Path directory,
      String address,
      int healthPort,
      boolean http) {}

  private final String name;
  private final Supplier<Launch> source;
  private final Path log;
  private final Watchdog watchdog;
  private final Runnable changed;
  private final Map<String, String> extra = new HashMap<>();
  private volatile @Nullable Launch launch;
  private volatile @Nullable Process process;
  private volatile CompletableFuture<?> ended = CompletableFuture.completedFuture(null);

  /**
   * Not started yet.
   *
   * @param source what is run, asked at each start
   * @param changed run after each start and each end, however it ends
   */
  JavaProgram(String name, Supplier<Launch> source, Path log, Watchdog watchdog, Runnable changed) {
    this.name = name;
    this.source = source;
    this.log = log;
    this.watchdog = watchdog;
    this.changed = changed;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Path log() {
    return log;
  }

  /** The address of this machine that it listens at; its ports are those of the Compose file. */
  public String address() {
    return launched().address();
  }

  /** Where it tells its health and its metrics. */
  public URI url() {
    Launch last = launched();
    return URI.create("http://" + last.address() + ":" + last.healthPort());
  }

  /** Variables for its next starts, over those of the Compose file. */
  public JavaProgram with(Map<String, String> environment) {
    extra.clear();
    extra.putAll(environment);
    return this;
  }

  @Override
  public long pid() {
    return running().pid();
  }

  @Override
  public boolean isAlive() {
    Process current = process;
    return current != null && current.isAlive();
  }

  @Override
  public void start() {
    launch();
    awaitHealthy();
  }

  @Override
  public void launch() {
    if (isAlive()) {
      throw new IllegalStateException(name + " runs already");
    }
    Launch next = source.get();
    launch = next;
    ProcessBuilder builder =
        new ProcessBuilder(next.command())
            .directory(next.directory().toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    Map<String, String> environment = builder.environment();
    String path = environment.getOrDefault("PATH", "/usr/bin:/bin");
    environment.clear();
    environment.put("PATH", path);
    environment.putAll(next.environment());
    environment.putAll(extra);
    try {
      Process started = builder.start();
      process = started;
      watchdog.watch("KILL", started.pid());
      changed.run();
      ended = started.onExit().thenRun(changed);
    } catch (IOException e) {
      throw new UncheckedIOException("starting " + name, e);
    }
  }

  @Override
  public void awaitHealthy() {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!isHealthy()) {
      if (!isAlive()) {
        throw new IllegalStateException(name + " ended at its start: " + tail());
      }
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            name + " isn't healthy after " + START_LIMIT + ": " + tail());
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  /** Whether it says now that it is healthy. */
  public boolean isHealthy() {
    try {
      Launch last = launched();
      if (!last.http()) {
        try (Socket socket = new Socket()) {
          socket.connect(new InetSocketAddress(last.address(), last.healthPort()), 1_000);
          return true;
        }
      }
      HttpRequest request =
          HttpRequest.newBuilder(url().resolve("/actuator/health"))
              .timeout(Duration.ofSeconds(4))
              .build();
      return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking for the health of " + name, e);
    }
  }

  @Override
  public void stop() {
    if (!isAlive()) {
      return;
    }
    Process current = running();
    current.destroy();
    try {
      if (!current.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        current.destroyForcibly();
        throw new IllegalStateException(name + " didn't stop within " + STOP_LIMIT + ": " + tail());
      }
      ended.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while stopping " + name, e);
    }
  }

  @Override
  public void kill() {
    if (isAlive()) {
      Process current = running();
      current.destroyForcibly();
      ended.join();
    }
  }

  @Override
  public void freeze() {
    Signals.send("STOP", List.of(pid()));
  }

  @Override
  public void thaw() {
    Signals.send("CONT", List.of(pid()));
  }

  private Launch launched() {
    Launch last = launch;
    if (last == null) {
      throw new IllegalStateException(name + " hasn't been started");
    }
    return last;
  }

  private Process running() {
    Process current = process;
    if (current == null) {
      throw new IllegalStateException(name + " hasn't been started");
    }
    return current;
  }

  private String tail() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    } catch (IOException e) {
      return "no log at " + log;
    }
  }
}
