package io.tributary.acceptance;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.tributary.demo.Api;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * A running Tributary with a data directory and ports of its own, started and stopped by the
 * script.
 */
final class Product implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final Pattern PERSONAL =
      Pattern.compile("[\\p{Alnum}._+-]+@[\\p{Alnum}-]+\\.\\p{Alpha}+|\\+\\d{9,}");
  final Path data;
  final GreenMail mail;
  private final int collectorPort = freePort();
  private final int apiPort = freePort();
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

  private static final class Shared {
    static final Product PRODUCT = make();

    private static Product make() {
      try {
        Path data = Files.createTempDirectory("tributary-acceptance");
        Product product = new Product(data, Map.of("TRIBUTARY_WEBHOOK_ALLOW_PRIVATE", "127.0.0.1"));
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

  String collectorUrl() {
    return text("collectorUrl");
  }

  String apiUrl() {
    return text("apiUrl");
  }

  String writeKey() {
    return text("writeKey");
  }

  String apiToken() {
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

  Api api() {
    return new Api(collectorUrl(), apiUrl(), writeKey(), apiToken());
  }

  /** Ends the JVM as a power button would; what it started lives on. */
  void kill() {
    ProcessHandle.of(pid())
        .ifPresent(process -> {
          process.destroyForcibly();
          process.onExit().join();
        });
  }

  /** Lines of the logs that hold what looks like a mail address or a phone number. */
  List<String> personalDataInLogs() {
    return personalDataInLogs(data);
  }

  static List<String> personalDataInLogs(Path data) {
    List<String> found = new ArrayList<>();
    try {
      for (Path file : logs(data)) {
        // Postgres may write in any encoding; what is looked for is ASCII.
        try (var lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
          lines.filter(line -> PERSONAL.matcher(line).find()).forEach(found::add);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  /** What the product, with Kafka in it, and Postgres have written. */
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

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
