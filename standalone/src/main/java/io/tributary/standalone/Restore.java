package io.tributary.standalone;

import io.tributary.embedded.BackupFiles;
import io.tributary.embedded.BackupFiles.BackupFile;
import io.tributary.embedded.DataDirectory;
import io.tributary.embedded.EmbeddedServerException;
import io.tributary.embedded.KafkaBackup;
import io.tributary.embedded.KafkaServer;
import io.tributary.embedded.KafkaSettings;
import io.tributary.embedded.PostgresServer;
import io.tributary.embedded.PostgresSettings;
import io.tributary.embedded.Secret;
import io.tributary.embedded.Trees;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * {@code tributary restore}: puts a backup into a data directory, has both servers recover, and
 * begins a new lineage, so that the next start goes on where the backup ends.
 */
final class Restore {
  /** Lies in the data directory until a restore is complete. */
  private static final String MARK = "restoring";

  /** What a process leaves in a data directory that it only looked into. */
  private static final Set<String> HARMLESS = Set.of("lock", "layout", "logs");

  /** Empty ones aren't in a backup, and Postgres wants them. */
  private static final List<String> EMPTY_DIRECTORIES =
      List.of(
          "pg_commit_ts",
          "pg_dynshmem",
          "pg_notify",
          "pg_replslot",
          "pg_serial",
          "pg_snapshots",
          "pg_stat",
          "pg_stat_tmp",
          "pg_subtrans",
          "pg_tblspc",
          "pg_twophase",
          "pg_wal/archive_status",
          "pg_wal/summaries",
          "pg_logical/snapshots",
          "pg_logical/mappings");

  private final Options options;
  private final PrintStream out;
  private final boolean keepLog;

  Restore(Options options, PrintStream out) {
    this.options = options;
    this.out = out;
    this.keepLog = options.log() == Options.RestoredLog.KEPT;
  }

  /** Refuses a directory in which a restore was cut off. */
  static void requireComplete(Path data) {
    if (Files.exists(data.resolve(MARK))) {
      throw new RefusedException(
          "A restore into "
              + data
              + " was cut off. Run it again: ./tributary restore --from DIR …");
    }
  }

  int run() {
    if (options.log() == Options.RestoredLog.NEW) {
      throw new RefusedException(
          "A backup brings its log along. Where only Kafka's log is gone: ./tributary restored --new-log.");
    }
    Path from =
        options
            .backup()
            .orElseThrow(
                () -> new RefusedException("Say where from: ./tributary restore --from DIR."));
    Path data = options.data();
    try {
      Manifest manifest = Manifest.read(from);
      check(from, manifest);
      requireRoom(data);
      try (DataDirectory held = DataDirectory.open(data)) {
        held.noteHolder(ProcessHandle.current().pid());
        PostgresServer.stopOrphan(data.resolve("postgres"));
        clear(data);
        put(from, data, manifest);
        recover(data, manifest);
        Files.delete(data.resolve(MARK));
      }
      out.println(
          "Restored as of "
              + manifest.postgresAt()
              + (keepLog ? "; Kafka's log goes on from there at the next start." : ".")
              + " Start it: ./tributary start --data "
              + data);
      return 0;
    } catch (IOException | SQLException e) {
      throw new RefusedException("The restore failed: " + e);
    } catch (EmbeddedServerException | IllegalStateException e) {
      throw new RefusedException("The restore failed. " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException("Interrupted. Run the restore again.");
    }
  }

  private void check(Path from, Manifest manifest) throws IOException {
    out.printf("Checking %d files, %d MiB …%n", manifest.files().size(), manifest.bytes() >> 20);
    Optional<String> damaged = BackupFiles.damaged(from, manifest.files());
    if (damaged.isPresent()) {
      throw new RefusedException(
          "The backup is damaged: "
              + from.resolve(damaged.get())
              + " isn't as it was written. Nothing was changed. Take another backup's directory.");
    }
  }

  private void requireRoom(Path data) throws IOException {
    if (DataDirectory.inUse(data)) {
      throw new RefusedException(
          "Tributary is running in " + data + ". Stop it first: ./tributary stop --data " + data);
    }
    boolean log = Files.exists(data.resolve("kafka/log/meta.properties"));
    if (keepLog) {
      if (!log && !Files.exists(data.resolve(MARK))) {
        throw new RefusedException(
            data
                + " holds no Kafka log that could be kept. Restore both from the backup, without --keep-log,"
                + " into an empty directory.");
      }
      return;
    }
    if (Files.exists(data) && !Files.exists(data.resolve(MARK))) {
      try (Stream<Path> children = Files.list(data)) {
        if (children.anyMatch(child -> !HARMLESS.contains(child.getFileName().toString()))) {
          throw new RefusedException(
              data
                  + " isn't empty. Name a new directory with --data; or, if only Postgres is lost and the Kafka log in"
                  + " it is good, give --keep-log: then nothing that came after the backup is lost.");
        }
      }
    }
  }

  /** What is there of Postgres is kept aside, what an earlier try put there is removed. */
  private void clear(Path data) throws IOException {
    Path postgres = data.resolve("postgres/data");
    boolean again = Files.exists(data.resolve(MARK));
    if (Files.exists(postgres)) {
      if (again) {
        Trees.delete(postgres);
      } else {
        Path aside = data.resolve("postgres/data-before-restore-" + Instant.now().toEpochMilli());
        Files.move(postgres, aside);
        out.println("The old Postgres data are kept in " + aside + ".");
      }
    }
    if (again && !keepLog && Files.exists(data.resolve("kafka"))) {
      Trees.delete(data.resolve("kafka"));
    }
    Secret.write(data.resolve(MARK), "since " + Instant.now() + "\n");
  }

  private void put(Path from, Path data, Manifest manifest) throws IOException {
    out.println("Copying to " + data + " …");
    BackupFiles files = new BackupFiles(data, bytes -> {});
    for (BackupFile file : manifest.files()) {
      if (!keepLog || !file.path().startsWith("kafka/")) {
        files.copy(from.resolve(file.path()), file.path());
      }
    }
    for (String empty : EMPTY_DIRECTORIES) {
      files.makeDirectory("postgres/data/" + empty);
    }
    Optional<String> damaged = BackupFiles.damaged(data, files.written());
    if (damaged.isPresent()) {
      throw new RefusedException(
          data.resolve(damaged.get()) + " can't be written. Check that disk.");
    }
  }

  private void recover(Path data, Manifest manifest)
      throws SQLException, IOException, InterruptedException {
    out.println("Recovering Postgres and Kafka …");
    try (PostgresServer postgres =
            PostgresServer.start(PostgresSettings.durable(data.resolve("postgres"), 0));
        KafkaServer kafka =
            KafkaServer.start(KafkaSettings.in(data.resolve("kafka"), 0, () -> {}))) {
      if (!keepLog) {
        KafkaBackup.tell(kafka.bootstrapServers(), manifest.groups());
      }
      try (java.sql.Connection connection = postgres.superuser("tributary")) {
        Restored.begin(connection, kafka.bootstrapServers(), !keepLog);
      }
    }
  }
}
