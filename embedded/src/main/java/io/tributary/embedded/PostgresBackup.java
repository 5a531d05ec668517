package io.tributary.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A base backup of the embedded Postgres while it runs: its files between {@code pg_backup_start}
 * and {@code pg_backup_stop}, and the log that makes them one moment again. The embedded programs
 * have no pg_basebackup.
 */
public final class PostgresBackup {
  /** What Postgres makes anew at a start, or must not find: see its manual, "Base Backup". */
  private static final Set<String> EMPTIED =
      Set.of(
          "pg_wal",
          "pg_dynshmem",
          "pg_notify",
          "pg_replslot",
          "pg_serial",
          "pg_snapshots",
          "pg_stat_tmp",
          "pg_subtrans");

  private static final Set<String> LEFT_OUT =
      Set.of("postmaster.pid", "postmaster.opts", "pg_internal.init", "backup_label");
  private final Path directory;
  private final BackupFiles files;

  /** Of the Postgres in a directory into the folder {@code postgres} of a backup. */
  public PostgresBackup(Path directory, BackupFiles files) {
    this.directory = directory.toAbsolutePath().normalize();
    this.files = files;
  }

  /** The port of the Postgres that runs in a directory; empty when none does. */
  public static Optional<Integer> port(Path directory) {
    try {
      return Postmaster.find(directory.toAbsolutePath().normalize().resolve("data"))
          .map(Postmaster::port);
    } catch (IOException e) {
      throw new EmbeddedServerException("Postgres in " + directory + " can't be found: " + e, e);
    }
  }

  /** Takes it; the backup is of a moment before this returns. */
  public void take() throws IOException, SQLException {
    files.copy(directory.resolve("superuser-password"), "postgres/superuser-password");
    files.copy(directory.resolve("password"), "postgres/password");
    try (Connection connection = superuser();
        Statement statement = connection.createStatement()) {
      // Keeps the log until it's copied; goes with this session.
      statement.execute(
          "select pg_create_physical_replication_slot('backup_' || pg_backend_pid(), true, true)");
      String first = text(statement, "select pg_walfile_name(pg_backup_start('tributary', true))");
      copyTree(directory.resolve("data"), "postgres/data");
      String last;
      try (ResultSet row =
          statement.executeQuery(
              "select labelfile, spcmapfile, pg_walfile_name(lsn) from pg_backup_stop(false)")) {
        row.next();
        files.write(row.getString(1), "postgres/data/backup_label");
        if (row.getString(2) != null && !row.getString(2).isEmpty()) {
          throw new EmbeddedServerException(
              "Postgres has tablespaces outside its data directory, which a backup can't take along.");
        }
        last = row.getString(3);
      }
      copyLog(first, last);
    }
  }

  private Connection superuser() throws IOException, SQLException {
    int port =
        port(directory)
            .orElseThrow(() -> new EmbeddedServerException("No Postgres runs in " + directory));
    Properties login = new Properties();
    login.setProperty("user", "postgres");
    login.setProperty(
        "password", Files.readString(directory.resolve("superuser-password")).strip());
    login.setProperty("loginTimeout", "10");
    return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", login);
  }

  private static String text(Statement statement, String query) throws SQLException {
    try (ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }

  private void copyTree(Path from, String to) throws IOException {
    files.makeDirectory(to);
    List<Path> children;
    try {
      children = children(from);
    } catch (NoSuchFileException e) {
      return; // a database that was dropped meanwhile; the log has that
    }
    for (Path child : children) {
      String name = String.valueOf(child.getFileName());
      String target = to + "/" + name;
      if (Files.isSymbolicLink(child)) {
        throw new EmbeddedServerException(
            child + " is a link; a backup can't take along what lies outside the data directory.");
      } else if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
        if (name.startsWith("pgsql_tmp")) {
          continue;
        }
        if (EMPTIED.contains(name)) {
          files.makeDirectory(target);
        } else {
          copyTree(child, target);
        }
      } else if (!LEFT_OUT.contains(name) && !name.startsWith("pgsql_tmp")) {
        // A file that goes meanwhile is one whose removal the log has.
        files.copy(child, target);
      }
    }
  }

  private void copyLog(String first, String last) throws IOException {
    String to = "postgres/data/pg_wal/";
    for (String folder : List.of("archive_status", "summaries")) {
      files.makeDirectory(to + folder);
    }
    String copied = "";
    for (Path segment : children(directory.resolve("data/pg_wal"))) {
      String name = String.valueOf(segment.getFileName());
      boolean needed =
          name.length() == 24 && name.compareTo(first) >= 0 && name.compareTo(last) <= 0;
      if ((needed || name.endsWith(".history")) && files.copy(segment, to + name) && needed) {
        copied = name;
      }
    }
    if (!copied.equals(last)) {
      throw new EmbeddedServerException(
          "Postgres' log " + last + " went before it was copied. Take the backup again.");
    }
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.sorted().toList();
    }
  }
}
