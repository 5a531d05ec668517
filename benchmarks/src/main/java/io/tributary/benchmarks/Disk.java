package io.tributary.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;

/**
 * Bytes on disk.
 *
 * @param tables Postgres' tables and indexes
 * @param log what Postgres wrote to its write-ahead log since its beginning; most of it is reused
 * @param topics Kafka's records
 */
record Disk(long tables, long log, long topics) {
  static Disk read(Target target, Connection database) throws IOException, SQLException {
    try (Statement statement = database.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select pg_database_size(current_database()), pg_current_wal_lsn() - '0/0'::pg_lsn")) {
      row.next();
      return new Disk(row.getLong(1), row.getLong(2), topics(target.data().resolve("kafka")));
    }
  }

  /** Index files are made larger than they are used, so only records count. */
  private static long topics(Path kafka) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(kafka)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (file.toString().endsWith(".log")) {
          bytes += Files.size(file);
        }
      }
    }
    return bytes;
  }
}
