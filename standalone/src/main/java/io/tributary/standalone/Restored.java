package io.tributary.standalone;

import io.tributary.stream.KafkaClients;
import io.tributary.stream.KafkaSettings;
import io.tributary.stream.NewLineage;
import io.tributary.stream.Progress;
import java.io.PrintStream;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import org.apache.kafka.common.KafkaException;

/**
 * {@code tributary restored}: says of a Postgres that was put back with its own tools that it's
 * older than before, while no service runs.
 */
final class Restored {
  private Restored() {}

  static int say(Options options, PrintStream out) {
    String url = required(options, Backing.DATABASE_URL);
    String kafka = required(options, Backing.KAFKA);
    boolean logLost = options.log() == Options.RestoredLog.LOST;
    try (java.sql.Connection connection =
        DriverManager.getConnection(
            url,
            options.variable(Backing.DATABASE_USER).orElse("tributary"),
            options.variable(Backing.DATABASE_PASSWORD).orElse(""))) {
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
    // Neither partitions nor copies matter: no topic is made here.
    try (KafkaClients clients = new KafkaClients(new KafkaSettings(kafka, "restore", "0", 1, 1))) {
      return new NewLineage(connection, clients)
          .begin("restore of " + Instant.now(), logLost, Progress.upTo(clients, "identity").now());
    }
  }
}
