package io.tributary.standalone;

import io.tributary.embedded.BackupFiles;
import io.tributary.embedded.DataDirectory;
import io.tributary.embedded.EmbeddedServerException;
import io.tributary.embedded.KafkaBackup;
import io.tributary.embedded.KafkaBackup.GroupOffset;
import io.tributary.embedded.PostgresBackup;
import io.tributary.embedded.Secret;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code tributary backup}: copies a running Tributary. Postgres first, Kafka after it: then the
 * log holds whatever the database says it has read.
 */
final class Backup {
  /** What belongs to a data directory beside the two servers. */
  static final List<String> KEYS = List.of("write-key", "api-token", "encryption-key", "layout");

  /** In the data directory: when the last backup was taken, and where to. */
  private static final String LAST = "last-backup";

  private static final long STEP = 256L << 20;
  private final Options options;
  private final PrintStream out;
  private long copied;

  Backup(Options options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  int take() {
    Path to =
        options
            .backup()
            .orElseThrow(() -> new RefusedException("Say where to: ./tributary backup --to DIR."));
    Connection running = running();
    try {
      prepare(to);
      Manifest manifest = copy(to, running);
      out.println("Reading it again …");
      Optional<String> damaged = BackupFiles.damaged(to, manifest.files());
      if (damaged.isPresent()) {
        throw new RefusedException(
            "The backup isn't good: "
                + to.resolve(damaged.get())
                + " can't be read as it was written. Check that disk.");
      }
      manifest.write(to);
      Secret.write(options.data().resolve(LAST), manifest.begunAt() + " " + to + "\n");
      out.printf(
          "Backup done: %s, %d files, %d MiB, %.1f s. Whatever was answered before %s is in it.%n",
          to,
          manifest.files().size(),
          manifest.bytes() >> 20,
          Duration.between(manifest.begunAt(), Instant.now()).toMillis() / 1000.0,
          manifest.begunAt());
      return 0;
    } catch (IOException e) {
      throw new RefusedException("The backup couldn't be written: " + e);
    } catch (SQLException e) {
      throw new RefusedException("Postgres refused the backup: " + e.getMessage());
    } catch (EmbeddedServerException e) {
      throw new RefusedException(String.valueOf(e.getMessage()));
    }
  }

  private Connection running() {
    Path data = options.data();
    if (!DataDirectory.inUse(data)) {
      throw new RefusedException(
          "Tributary isn't running in "
              + data
              + ". A backup is taken of a running one; of a stopped one, copy the directory: cp -a "
              + data
              + " DIR.");
    }
    Connection running =
        Connection.find(data)
            .orElseThrow(() ->
                new RefusedException(
                    "Tributary is starting or stopping in " + data + ". Try again in a moment."));
    Optional<Integer> port = PostgresBackup.port(data.resolve("postgres"));
    if (port.isEmpty() || !running.databaseUrl().contains(":" + port.get() + "/")) {
      throw new RefusedException(
          "This Tributary uses a Postgres of its own at "
              + running.databaseUrl()
              + ": back that up with its own tools (pg_basebackup and WAL archiving), before Kafka. See"
              + " docs/operating.md, \"Backup and restore\".");
    }
    return running;
  }

  private void prepare(Path to) throws IOException {
    if (to.startsWith(options.data())) {
      throw new RefusedException(
          "The backup can't lie inside the data directory, which it's there to outlive.");
    }
    if (Files.exists(to)) {
      try (Stream<Path> children = Files.list(to)) {
        if (children.findAny().isPresent()) {
          throw new RefusedException(to + " isn't empty. Name a new directory for each backup.");
        }
      }
    }
    Files.createDirectories(to);
    Files.setPosixFilePermissions(
        to, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
    long needed =
        BackupFiles.size(options.data().resolve("postgres/data"), "")
            + BackupFiles.size(options.data().resolve("kafka/log"), ".log");
    long free = Files.getFileStore(to).getUsableSpace();
    if (free < needed) {
      throw new RefusedException(
          "%s has room for %d MiB, the backup needs up to %d MiB."
              .formatted(to, free >> 20, needed >> 20));
    }
    out.println("Copying up to " + (needed >> 20) + " MiB to " + to + " …");
  }

  private Manifest copy(Path to, Connection running) throws IOException, SQLException {
    Instant begun = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    BackupFiles files = new BackupFiles(to, this::progress);
    try (KafkaBackup kafka =
        new KafkaBackup(options.data().resolve("kafka"), running.kafka(), files)) {
      if (!kafka.isOfDirectory()) {
        throw new RefusedException(
            "This Tributary uses a Kafka of its own at "
                + running.kafka()
                + ", which this command can't back up. See docs/operating.md, \"Backup and restore\".");
      }
      for (String key : KEYS) {
        files.copy(options.data().resolve(key), key);
      }
      out.println("Postgres …");
      new PostgresBackup(options.data().resolve("postgres"), files).take();
      Instant postgresAt = Instant.now().truncatedTo(ChronoUnit.MILLIS);
      out.println("Kafka …");
      List<GroupOffset> groups = kafka.take();
      return new Manifest(
          Manifest.FORMAT,
          begun,
          postgresAt,
          Instant.now().truncatedTo(ChronoUnit.MILLIS),
          groups,
          files.written());
    }
  }

  private void progress(long bytes) {
    long before = copied / STEP;
    copied += bytes;
    if (copied / STEP > before) {
      out.println("  " + (copied >> 20) + " MiB");
    }
  }

  /** What the doctor says of it. */
  static Finding lastBackup(Path data) {
    try {
      Path file = data.resolve(LAST);
      return Finding.well(
          "Backup",
          Files.exists(file)
              ? "the last one is of " + Files.readString(file).strip().replaceFirst(" ", ", in ")
              : "never taken; ./tributary backup --to DIR takes one");
    } catch (IOException e) {
      return Finding.wrong("Backup", data.resolve(LAST) + " can't be read", "remove it");
    }
  }
}
