package io.tributary.embedded;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The server's log file; it holds no statement and no row, see {@link PostgresConfiguration}. */
final class PostgresLog {

  private static final long ROTATE_BYTES = 10L << 20;
  private static final int TAIL_BYTES = 2000;

  private PostgresLog() {}

  static Path file(Path directory) {
    return directory.resolve("postgres.log");
  }

  static void rotate(Path directory) throws IOException {
    Path file = file(directory);
    if (Files.exists(file) && Files.size(file) > ROTATE_BYTES) {
      Files.move(file, directory.resolve("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  static String tail(Path directory) throws IOException {
    Path file = file(directory);
    if (!Files.exists(file)) {
      return "nothing";
    }
    try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
      log.seek(Math.max(0, log.length() - TAIL_BYTES));
      byte[] bytes = new byte[(int) (log.length() - log.getFilePointer())];
      log.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8).strip();
    }
  }
}
