package io.tributary.standalone;

import io.tributary.embedded.DataDirectory;
import io.tributary.embedded.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How to reach a running Tributary; kept for scripts in {@code connection.json}, which exists from
 * ready to stop.
 *
 * @param collectorUrl where sources post
 * @param apiUrl the management API's host and port
 * @param writeKey of the first source
 * @param apiToken with all scopes in the first workspace
 * @param pid the process
 * @param kafka bootstrap servers
 * @param databaseUrl JDBC address
 */
record Connection(
    String collectorUrl,
    String apiUrl,
    String writeKey,
    String apiToken,
    long pid,
    String kafka,
    String databaseUrl) {

  private static final String FILE = "connection.json";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  static Path file(Path data) {
    return data.resolve(FILE);
  }

  void write(Path data) throws IOException {
    Secret.write(file(data), JSON.writeValueAsString(this) + "\n");
  }

  static void remove(Path data) throws IOException {
    Files.deleteIfExists(file(data));
  }

  /** The running instance of the data directory; empty when none runs or it isn't ready. */
  static Optional<Connection> find(Path data) {
    if (!Files.exists(file(data)) || !DataDirectory.inUse(data)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(Files.readString(file(data)), Connection.class));
    } catch (IOException e) {
      throw new RefusedException(file(data) + " can't be read: " + e.getMessage());
    }
  }
}
