package io.tributary.acceptance;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.tributary.acceptance.processes.Signals;
import io.tributary.demo.Api;
import io.tributary.embedded.Ports;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A running Tributary with a data directory and ports of its own, started and stopped by the
 * script.
 */
final class Product implements Running, AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  final Path data;
  final GreenMail mail;
  private final int collectorPort = Ports.free();
  private final int apiPort = Ports.free();
  private final Map<String, String> environment = new HashMap<>();
  private JsonNode connection = Api.MAPPER.createObjectNode();

  Product(Path data) {
    this(data, Map.of());
  }

  Product(Path data, Map<String, String> settings) {
    this.data = data;
    ServerSetup setup = new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP);
    this.mail = new GreenMail(setup);
    mail.start();
    environment.put("TRIBUTARY_SMTP_HOST", "127.0.0.1");
    environment.put("TRIBUTARY_SMTP_PORT", String.valueOf(mail.getSmtp().getPort()));
    environment.put("TRIBUTARY_PUBLIC_URL", "http://127.0.0.1:" + apiPort);
    environment.putAll(settings);
  }

  /** Shared by tests that don't break it; stopped with the JVM. */
  static Product shared() {
    return Shared.PRODUCT;
  }

  /** Where the product may send webhooks to, though it's here. */
  static final String HOOK = "localhost:" + Ports.free();

  /** A database of somebody else's, which the product may fill. */
  static final TestDatabase TABLES = TestPostgres.freshDatabase();

  static URI tables() {
    return URI.create(TABLES.url().substring("jdbc:".length()));
  }

  /** Where the example of a connector writes its files. */
  static Path lines(Path data) {
    return data.resolve("lines");
  }

  private static final class Shared {
    static final Product PRODUCT = make();

    private static Product make() {
      try {
        Path data = Files.createTempDirectory("tributary-acceptance");
        Product product =
            new Product(
                data,
                Map.of(
                    "TRIBUTARY_WEBHOOK_ALLOW_PRIVATE",
                    "127.0.0.1," + HOOK + "," + tables().getAuthority(),
                    "TRIBUTARY_CONNECTORS",
                    Commands.ROOT.resolve("connector-example/target").toString(),
                    "LINES_CONNECTOR_DIRECTORY",
                    lines(data).toString()));
        Runtime.getRuntime().addShutdownHook(new Thread(product::close));
        return product.start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  Product start() {
    tributary(
            "start",
            "--data",
            data.toString(),
            "--collector-port",
            String.valueOf(collectorPort),
            "--api-port",
            String.valueOf(apiPort),
            "--detach")
        .expectSuccess();
    try {
      connection = Api.MAPPER.readTree(Files.readAllBytes(data.resolve("connection.json")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Runs the script with these arguments and this product's settings. */
  Commands.Result tributary(String... arguments) {
    List<String> command = new ArrayList<>(List.of("./tributary"));
    command.addAll(List.of(arguments));
    return Commands.run(Commands.ROOT, LIMIT, environment, command);
  }

  @Override
  public String collectorUrl() {
    return text("collectorUrl");
  }

  @Override
  public String apiUrl() {
    return text("apiUrl");
  }

  @Override
  public String writeKey() {
    return text("writeKey");
  }

  @Override
  public String apiToken() {
    return text("apiToken");
  }

  long pid() {
    return connection.path("pid").asLong();
  }

  private String text(String field) {
    String value = connection.path(field).asString("");
    if (value.isEmpty()) {
      throw new AssertionError("connection.json has no " + field);
    }
    return value;
  }

  @Override
  public GreenMail mail() {
    return mail;
  }

  @Override
  public Connection database() throws IOException, SQLException {
    Path postgres = data.resolve("postgres");
    // The fourth line of a postmaster's pid file is its port.
    String port = Files.readAllLines(postgres.resolve("data/postmaster.pid")).get(3).strip();
    String password = Files.readString(postgres.resolve("password")).strip();
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/tributary", "tributary", password);
  }

  /** Ends the JVM as a power button would; what it started lives on. */
  void kill() {
    ProcessHandle.of(pid()).ifPresent(Signals::kill);
  }

  @Override
  public List<Path> logs() throws IOException {
    return logs(data);
  }

  /** What a product with this data directory, with Kafka in it, and its Postgres have written. */
  static List<Path> logs(Path data) throws IOException {
    List<Path> logs = new ArrayList<>();
    for (String glob : List.of("logs/tributary*.log", "postgres/postgres.log*")) {
      Path folder = data.resolve(glob).getParent();
      if (Files.exists(folder)) {
        try (var files = Files.newDirectoryStream(folder, glob.substring(glob.indexOf('/') + 1))) {
          files.forEach(logs::add);
        }
      }
    }
    return logs;
  }

  void stop() {
    tributary("stop", "--data", data.toString()).expectSuccess();
  }

  @Override
  public void close() {
    tributary("stop", "--data", data.toString());
    mail.stop();
    Commands.run(
        Commands.ROOT, Duration.ofMinutes(1), Map.of(), List.of("rm", "-rf", data.toString()));
  }
}
