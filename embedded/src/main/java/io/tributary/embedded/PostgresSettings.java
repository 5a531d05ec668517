package io.tributary.embedded;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How an embedded Postgres is laid out.
 *
 * @param directory holds data, passwords and log; made when missing
 * @param binaries where the programs are unpacked, one sub-directory per version
 * @param port on 127.0.0.1; 0 takes any free one
 * @param durable false only in tests: faster, and a power cut may destroy the data
 * @param sharedBuffers the setting {@code shared_buffers}
 * @param maxWalSize the setting {@code max_wal_size}: how far apart checkpoints are under load
 * @param maxConnections the setting {@code max_connections}
 * @param timeZone of the server; each session may choose another
 * @param startTimeout generous, crash recovery replays up to {@code max_wal_size}
 */
public record PostgresSettings(
    Path directory,
    Path binaries,
    int port,
    boolean durable,
    String sharedBuffers,
    String maxWalSize,
    int maxConnections,
    String timeZone,
    Duration startTimeout) {

  /**
   * The product's settings: every commit is on disk before it's answered. Memory for pages is a
   * sixteenth of the machine's, taken only as it's used; the log between checkpoints grows to a
   * tenth of the free disk at most, because after each checkpoint every page that changes is
   * written to the log as a whole once, and that costs more than anything else.
   */
  public static PostgresSettings durable(Path directory, int port) {
    return new PostgresSettings(
        directory,
        directory,
        port,
        true,
        Resources.megabytes(Resources.memory() / 16, 128, 2_048),
        Resources.megabytes(Resources.freeDisk(directory) / 10, 1_024, 8_192),
        100,
        "UTC",
        Duration.ofMinutes(10));
  }

  /** For tests: nothing waits for the disk, programs are shared between test runs. */
  public static PostgresSettings forTests(Path directory, Path binaries) {
    return new PostgresSettings(
        directory,
        binaries,
        0,
        false,
        "64MB",
        "2GB",
        200,
        "Pacific/Chatham",
        Duration.ofMinutes(2));
  }

  /** The same with another {@code shared_buffers}. */
  public PostgresSettings withSharedBuffers(String size) {
    return new PostgresSettings(
        directory,
        binaries,
        port,
        durable,
        size,
        maxWalSize,
        maxConnections,
        timeZone,
        startTimeout);
  }

  PostgresSettings withMaxWalSize(String size) {
    return new PostgresSettings(
        directory,
        binaries,
        port,
        durable,
        sharedBuffers,
        size,
        maxConnections,
        timeZone,
        startTimeout);
  }
}
