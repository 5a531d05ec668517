package io.tributary.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Postgres server of our own on 127.0.0.1, with SCRAM and generated passwords. Its role and
 * database {@code tributary} exist once {@link #start} returns. A postmaster that a killed launcher
 * left behind is adopted when it runs with the same settings, else stopped first.
 */
public final class PostgresServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PostgresServer.class);
  private static final String SUPERUSER = "postgres";
  private static final String NAME = "tributary";
  private static final int PASSWORD_LENGTH = 32;
  private static final int START_ATTEMPTS = 3;
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(8);

  private final PostgresSettings settings;
  private final Path directory;
  private final Path data;
  private final String superuserPassword;
  private final String password;
  private final Postmaster postmaster;

  private PostgresServer(PostgresSettings settings, Layout layout, Postmaster postmaster) {
    this.settings = settings;
    this.directory = layout.directory;
    this.data = layout.data;
    this.superuserPassword = layout.superuserPassword;
    this.password = layout.password;
    this.postmaster = postmaster;
  }

  private record Layout(Path directory, Path data, String superuserPassword, String password) {}

  /** Starts the server, or adopts the one that runs, and returns once it answers. */
  public static PostgresServer start(PostgresSettings settings) {
    Path directory = settings.directory().toAbsolutePath().normalize();
    try {
      Files.createDirectories(directory);
      Path data = directory.resolve("data");
      Optional<PostgresServer> adopted = adoptOrStop(settings, directory, data);
      if (adopted.isPresent()) {
        return adopted.get().ready();
      }
      Path programs = PostgresBinaries.unpack(settings.binaries().toAbsolutePath().normalize());
      RunAs user = RunAs.choose(directory, programs);
      Layout layout = layout(directory, data);
      if (!Files.exists(data)) {
        initialize(settings, layout, programs, user);
      }
      user.own(data);
      return launch(settings, layout, programs, user).ready();
    } catch (IOException e) {
      throw new EmbeddedServerException("Postgres can't be set up in " + directory + ": " + e, e);
    }
  }

  /** Stops the server that a killed process left behind in the directory, if there's one. */
  public static void stopOrphan(Path directory) {
    try {
      Optional<Postmaster> orphan =
          Postmaster.find(directory.toAbsolutePath().normalize().resolve("data"));
      if (orphan.isPresent()) {
        orphan.get().stop(STOP_TIMEOUT);
      }
    } catch (IOException e) {
      throw new EmbeddedServerException("Postgres in " + directory + " can't be stopped: " + e, e);
    }
  }

  private static Layout layout(Path directory, Path data) throws IOException {
    return new Layout(
        directory,
        data,
        Secret.readOrCreate(directory.resolve("superuser-password"), "", PASSWORD_LENGTH),
        Secret.readOrCreate(directory.resolve("password"), "", PASSWORD_LENGTH));
  }

  private static Optional<PostgresServer> adoptOrStop(
      PostgresSettings settings, Path directory, Path data) throws IOException {
    Optional<Postmaster> orphan = Postmaster.find(data);
    if (orphan.isEmpty()) {
      return Optional.empty();
    }
    PostgresServer server = new PostgresServer(settings, layout(directory, data), orphan.get());
    if (server.fits()) {
      log.info("postgres adopted pid={} port={}", orphan.get().pid(), orphan.get().port());
      return Optional.of(server);
    }
    log.info("postgres orphan stopped pid={}", orphan.get().pid());
    orphan.get().stop(Duration.ofSeconds(60));
    return Optional.empty();
  }

  private static void initialize(
      PostgresSettings settings, Layout layout, Path programs, RunAs user) throws IOException {
    removeUnfinished(layout.directory);
    user.own(layout.directory.resolve("superuser-password"));
    Path unfinished = layout.directory.resolve("initializing-" + Secret.random(8));
    Command.Outcome outcome =
        Command.run(
            layout.directory,
            settings.startTimeout(),
            user.command(
                programs.resolve("bin/initdb").toString(),
                "--pgdata=" + unfinished,
                "--username=" + SUPERUSER,
                "--auth=scram-sha-256",
                "--pwfile=" + layout.directory.resolve("superuser-password"),
                "--data-checksums",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                settings.durable() ? "--sync-method=fsync" : "--no-sync"));
    if (!outcome.succeeded()) {
      throw new EmbeddedServerException(
          "Postgres' data directory couldn't be initialized below "
              + layout.directory
              + ": "
              + outcome.output());
    }
    Files.move(unfinished, layout.data);
  }

  private static void removeUnfinished(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      for (Path child : children.toList()) {
        if (child.getFileName().toString().startsWith("initializing-")) {
          Trees.delete(child);
        }
      }
    }
  }

  private static PostgresServer launch(
      PostgresSettings settings, Layout layout, Path programs, RunAs user) throws IOException {
    PostgresLog.rotate(layout.directory);
    Command.Outcome outcome = new Command.Outcome(1, "");
    for (int attempt = 0; attempt < START_ATTEMPTS; attempt++) {
      int port = settings.port() == 0 ? Ports.free() : settings.port();
      if (!Ports.isFree("127.0.0.1", port)) {
        throw new EmbeddedServerException(
            "Port "
                + port
                + " for the embedded Postgres is taken. Choose another with TRIBUTARY_POSTGRES_PORT (0 ="
                + " any free one).");
      }
      PostgresConfiguration.write(layout.data, settings, port);
      user.own(layout.data.resolve("postgresql.conf"));
      outcome = pgCtlStart(settings, layout, programs, user);
      Optional<Postmaster> started = Postmaster.find(layout.data);
      if (outcome.succeeded() && started.isPresent()) {
        return new PostgresServer(settings, layout, started.get());
      }
    }
    throw new EmbeddedServerException(
        "Postgres didn't start ("
            + outcome.output()
            + "). Its log says: "
            + PostgresLog.tail(layout.directory));
  }

  private static Command.Outcome pgCtlStart(
      PostgresSettings settings, Layout layout, Path programs, RunAs user) {
    return Command.run(
        layout.directory,
        settings.startTimeout().plusSeconds(5),
        user.command(
            programs.resolve("bin/pg_ctl").toString(),
            "start",
            "--wait",
            "--timeout=" + settings.startTimeout().toSeconds(),
            "--silent",
            "--pgdata=" + layout.data,
            "--log=" + PostgresLog.file(layout.directory)));
  }

  /** Whether the running server is ours, answers, and has just the settings we would give it. */
  private boolean fits() {
    if (settings.port() != 0 && settings.port() != postmaster.port()) {
      return false;
    }
    try (Connection connection = superuser("postgres")) {
      return show(connection, "data_directory").equals(data.toString())
          && show(connection, PostgresConfiguration.FINGERPRINT)
              .equals(PostgresConfiguration.fingerprint(settings));
    } catch (SQLException e) {
      log.info("postgres orphan doesn't answer pid={} state={}", postmaster.pid(), e.getSQLState());
      return false;
    }
  }

  /** Creates role and database, and refuses a server that could forget a commit. */
  private PostgresServer ready() {
    try (Connection connection = superuser("postgres")) {
      if (settings.durable()) {
        for (String name : PostgresConfiguration.DURABLE) {
          if (!show(connection, name).equals("on")) {
            throw new EmbeddedServerException(
                "Postgres runs with "
                    + name
                    + " = "
                    + show(connection, name)
                    + ", which can lose answered events. Remove that setting from "
                    + data
                    + ".");
          }
        }
      }
      createRole(connection);
      createDatabase(connection);
      return this;
    } catch (SQLException e) {
      throw new EmbeddedServerException(
          "Postgres in "
              + directory
              + " doesn't accept the stored password or query: "
              + e.getMessage(),
          e);
    }
  }

  private void createRole(Connection connection) throws SQLException {
    if (exists(connection, "select 1 from pg_roles where rolname = ?")) {
      return;
    }
    try (Statement statement = connection.createStatement()) {
      // The password is base62, so it needs no quoting; roles take no bind values.
      statement.execute("create role " + NAME + " login createdb password '" + password + "'");
      statement.execute("grant pg_monitor, pg_signal_backend to " + NAME);
    }
  }

  private static void createDatabase(Connection connection) throws SQLException {
    if (!exists(connection, "select 1 from pg_database where datname = ?")) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("create database " + NAME + " owner " + NAME);
      }
    }
  }

  private static boolean exists(Connection connection, String query) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, NAME);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  /** The value of a server setting in a session of the superuser. */
  static String show(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select coalesce(current_setting(?, true), '')")) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getString(1);
      }
    }
  }

  /** A session of the bootstrap superuser; for checks and tests, never for services. */
  public Connection superuser(String database) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", SUPERUSER);
    properties.setProperty("password", superuserPassword);
    properties.setProperty("loginTimeout", "10");
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + postmaster.port() + "/" + database, properties);
  }

  /** The address of the database {@code tributary}, without user and password. */
  public String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:" + postmaster.port() + "/" + NAME;
  }

  /** The owner of the database. */
  public String user() {
    return NAME;
  }

  /** The owner's password. */
  public String password() {
    return password;
  }

  /** The port on 127.0.0.1. */
  public int port() {
    return postmaster.port();
  }

  /** The server's process. */
  public long pid() {
    return postmaster.pid();
  }

  /** Whether the server's process lives. */
  public boolean isAlive() {
    return postmaster.isAlive();
  }

  @Override
  public void close() {
    try {
      postmaster.stop(STOP_TIMEOUT);
    } catch (IOException e) {
      throw new EmbeddedServerException("Postgres couldn't be stopped: " + e, e);
    }
  }
}
