package io.tributary.acceptance.processes;

import io.tributary.embedded.PostgresServer;
import io.tributary.embedded.PostgresSettings;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Postgres: a postmaster and its children, which are nobody else's. The services' account has no
 * more rights than the one that Compose makes.
 */
public final class PostgresProgram implements Program {

  private static final Duration END_LIMIT = Duration.ofSeconds(30);

  private final PostgresSettings settings;
  private final Watchdog watchdog;
  private volatile @Nullable PostgresServer server;

  PostgresProgram(Path directory, int port, Watchdog watchdog) {
    this.settings =
        new PostgresSettings(
            directory, directory, port, true, "128MB", "1GB", 200, "UTC", Duration.ofMinutes(10));
    this.watchdog = watchdog;
  }

  @Override
  public String name() {
    return "postgres-1";
  }

  @Override
  public Path log() {
    return settings.directory().resolve("postgres.log");
  }

  @Override
  public long pid() {
    return server().pid();
  }

  /** On 127.0.0.1; the same over all starts. */
  public int port() {
    return settings.port();
  }

  /** The server, for a connection of one's own. */
  public PostgresServer server() {
    PostgresServer current = server;
    if (current == null) {
      throw new IllegalStateException("Postgres hasn't been started");
    }
    return current;
  }

  @Override
  public boolean isAlive() {
    PostgresServer current = server;
    return current != null && current.isAlive();
  }

  @Override
  public void start() {
    PostgresServer started = PostgresServer.start(settings);
    server = started;
    watchdog.watch("QUIT", started.pid());
    try (Connection superuser = started.superuser("postgres");
        Statement statement = superuser.createStatement()) {
      statement.execute("alter role tributary nocreatedb");
      statement.execute("revoke pg_monitor, pg_signal_backend from tributary");
    } catch (SQLException e) {
      throw new IllegalStateException("setting up the services' account", e);
    }
  }

  /** The same as {@link #start}: a start of Postgres is waited for by who does it. */
  @Override
  public void launch() {
    start();
  }

  @Override
  public void awaitHealthy() {
    if (!isAlive()) {
      throw new IllegalStateException("Postgres doesn't run");
    }
  }

  @Override
  public void stop() {
    if (isAlive()) {
      server().close();
    }
  }

  /** Ends it with an order to leave everything as it is (SIGQUIT): an immediate shutdown. */
  public void quit() {
    Signals.send("QUIT", List.of(pid()));
    awaitEnd(List.of());
  }

  @Override
  public void kill() {
    List<ProcessHandle> all = Signals.handles(pid());
    Signals.send("KILL", all.stream().map(ProcessHandle::pid).toList());
    awaitEnd(all);
  }

  @Override
  public void freeze() {
    // The parent first, so that no child is born meanwhile.
    Signals.send("STOP", List.of(pid()));
    Signals.send("STOP", Signals.family(pid()));
  }

  @Override
  public void thaw() {
    Signals.send("CONT", Signals.family(pid()));
  }

  private void awaitEnd(List<ProcessHandle> processes) {
    long deadline = System.nanoTime() + END_LIMIT.toNanos();
    while (isAlive() || processes.stream().skip(1).anyMatch(PostgresProgram::works)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("Postgres doesn't end");
      }
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }

  /** A child whose end nobody has collected yet has no command any more. */
  private static boolean works(ProcessHandle process) {
    return process.isAlive() && process.info().command().isPresent();
  }
}
