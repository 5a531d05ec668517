package io.tributary.standalone;

import io.tributary.embedded.DataDirectory;
import io.tributary.embedded.EmbeddedServerException;
import io.tributary.embedded.PostgresServer;
import io.tributary.segment.store.BuildStore;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.KafkaSettings;
import io.tributary.stream.NewLineage;
import io.tributary.stream.NewLog;
import io.tributary.stream.Progress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import org.apache.kafka.common.KafkaException;

/**
 * {@code tributary restored}: says of a Postgres that was put back with its own tools that it's
 * older than before, or that an empty log takes the place of the one it has read, while no service
 * runs.
 */
final class Restored {
  private Restored() {}

  static int say(Options options, PrintStream out) {
    return options.log() == Options.RestoredLog.NEW
        ? newLog(options, out)
        : newLineage(options, out);
  }

  private static int newLineage(Options options, PrintStream out) {
    String url = required(options, Backing.DATABASE_URL);
    String kafka = required(options, Backing.KAFKA);
    boolean logLost = options.log() == Options.RestoredLog.LOST;
    try (java.sql.Connection connection = connect(options, url)) {
      int lineage = begin(connection, kafka, logLost);
      out.println(
          "Lineage "
              + lineage
              + " begins. Start the services: they read the log again from where the database stands"
              + (logLost ? ", and send nothing for what is older than this." : "."));
      return 0;
    } catch (SQLException | KafkaException | IllegalStateException e) {
      throw new RefusedException("No new lineage could begin. " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException("Interrupted.");
    }
  }

  private static int newLog(Options options, PrintStream out) {
    boolean embedded =
        options.variable(Backing.DATABASE_URL).isEmpty()
            || options.variable(Backing.KAFKA).isEmpty();
    try {
      if (!embedded) {
        forget(options, out);
        return 0;
      }
      requireData(options);
      try (DataDirectory held = DataDirectory.open(options.data())) {
        held.noteHolder(ProcessHandle.current().pid());
        PostgresServer.stopOrphan(options.data().resolve("postgres"));
        try (Backing servers = Backing.start(options, () -> {})) {
          servers.awaitKafka();
          forget(options.with(servers.settings()), out);
        }
      }
      return 0;
    } catch (IOException
        | SQLException
        | KafkaException
        | EmbeddedServerException
        | IllegalStateException e) {
      throw new RefusedException("Nothing was changed. " + e.getMessage());
    }
  }

  private static void requireData(Options options) {
    Path data = options.data();
    if (options.variable(Backing.DATABASE_URL).isEmpty()
        && !Files.exists(data.resolve("postgres/data"))) {
      throw new RefusedException(
          data + " holds no Postgres data. Name the data directory with --data.");
    }
    Restore.requireComplete(data);
  }

  private static void forget(Options options, PrintStream out) throws SQLException {
    try (java.sql.Connection connection =
            connect(options, required(options, Backing.DATABASE_URL));
        KafkaClients clients = clients(required(options, Backing.KAFKA))) {
      connection.setAutoCommit(false);
      int positions = new NewLog(connection, clients).begin();
      int segments = positions == 0 ? 0 : new BuildStore().beginAll(connection, Instant.now());
      connection.commit();
      out.println(
          positions == 0
              ? "There was nothing to forget: this database has never read a log."
              : "The services go on with an empty log once they are started, and %d segments are worked out anew."
                  .formatted(segments));
    }
  }

  private static java.sql.Connection connect(Options options, String url) throws SQLException {
    return DriverManager.getConnection(
        url,
        options.variable(Backing.DATABASE_USER).orElse("tributary"),
        options.variable(Backing.DATABASE_PASSWORD).orElse(""));
  }

  private static String required(Options options, String name) {
    return options
        .variable(name)
        .orElseThrow(() ->
            new RefusedException(
                name
                    + " isn't set. This command is for a Postgres and Kafka of your own; for the embedded ones use"
                    + " ./tributary restore."));
  }

  /** Begins a new lineage in a database that was put back. */
  static int begin(java.sql.Connection connection, String kafka, boolean logLost)
      throws SQLException, InterruptedException {
    try (KafkaClients clients = clients(kafka)) {
      return new NewLineage(connection, clients)
          .begin("restore of " + Instant.now(), logLost, Progress.upTo(clients, "identity").now());
    }
  }

  /** Neither partitions nor copies matter: no topic is made here. */
  private static KafkaClients clients(String bootstrap) {
    return new KafkaClients(new KafkaSettings(bootstrap, "restore", "0", 1, 1));
  }
}
