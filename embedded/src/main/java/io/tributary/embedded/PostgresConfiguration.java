package io.tributary.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** The whole of {@code postgresql.conf}, written anew at each start. */
final class PostgresConfiguration {

  /** A setting of our own that tells whether a running server has the settings we would give it. */
  static final String FINGERPRINT = "tributary.fingerprint";

  /** What must be on so that an answered commit survives. */
  static final List<String> DURABLE = List.of("fsync", "synchronous_commit", "full_page_writes");

  private PostgresConfiguration() {}

  static void write(Path data, PostgresSettings settings, int port) throws IOException {
    Files.writeString(
        data.resolve("postgresql.conf"),
        "# Written by Tributary at each start; changes are lost.\n"
            + text(settings)
            + FINGERPRINT
            + " = '"
            + fingerprint(settings)
            + "'\n"
            + "port = "
            + port
            + "\n");
  }

  static String fingerprint(PostgresSettings settings) {
    // The room for the log depends on the disk of the moment: no reason to restart a server.
    String content = PostgresBinaries.VERSION + "\n" + text(settings.withMaxWalSize("any"));
    return UUID.nameUUIDFromBytes(content.getBytes(StandardCharsets.UTF_8)).toString();
  }

  private static String text(PostgresSettings settings) {
    String durability = settings.durable() ? "on" : "off";
    return """
    listen_addresses = '127.0.0.1'
    unix_socket_directories = ''
    password_encryption = 'scram-sha-256'
    max_connections = %d
    fsync = %s
    synchronous_commit = %s
    full_page_writes = %s

    shared_buffers = '%s'
    work_mem = '8MB'
    maintenance_work_mem = '64MB'
    jit = off
    random_page_cost = 1.1
    max_parallel_workers_per_gather = 1
    autovacuum_max_workers = 2
    autovacuum_vacuum_cost_limit = 1000

    # Few, spread checkpoints: a commit then writes little more than its own log records. What pages
    # take in the log is not compressed: the only method in these binaries costs more than the disk.
    wal_compression = off
    max_wal_size = '%s'
    min_wal_size = '128MB'
    checkpoint_timeout = '15min'
    checkpoint_completion_target = 0.9

    # Neither statements nor rows go to the log: they hold personal data.
    log_min_error_statement = 'panic'
    log_error_verbosity = 'terse'
    log_parameter_max_length = 0
    log_checkpoints = off
    log_line_prefix = '%%m [%%p] '
    log_timezone = 'UTC'
    timezone = '%s'
    datestyle = 'iso, ymd'
    lc_messages = 'C'
    default_text_search_config = 'pg_catalog.simple'
    """
        .formatted(
            settings.maxConnections(),
            durability,
            durability,
            durability,
            settings.sharedBuffers(),
            settings.maxWalSize(),
            settings.timeZone());
  }
}
