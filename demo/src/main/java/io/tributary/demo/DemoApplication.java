package io.tributary.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * {@code --connection FILE [--smtp-port N] [--customers N] [--seed S]}: runs the tour against the
 * server that wrote the connection file and whose SMTP host is this machine. Exit status 0 only
 * when everything came out as the shop knows it must.
 */
public final class DemoApplication {
  private DemoApplication() {}

  /** See the class. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Map<String, String> options = options(arguments);
    long seed = Long.parseLong(options.getOrDefault("--seed", "7"));
    int customers = Integer.parseInt(options.getOrDefault("--customers", "3000"));
    int smtpPort = Integer.parseInt(options.getOrDefault("--smtp-port", "8125"));
    String file = options.get("--connection");
    if (file == null) {
      System.err.println(
          "demo: --connection FILE is needed: the connection.json of a running server");
      System.exit(2);
      return;
    }
    JsonNode connection = Api.MAPPER.readTree(Files.readAllBytes(Path.of(file)));
    Api api =
        new Api(
            connection.path("collectorUrl").asString(),
            connection.path("apiUrl").asString(),
            connection.path("writeKey").asString(),
            connection.path("apiToken").asString());
    Shop shop = new Shop(seed, customers, Instant.now().truncatedTo(ChronoUnit.MILLIS));
    List<String> wrong;
    try (MailSink mail = new MailSink(smtpPort)) {
      wrong = new Tour(shop, api, mail, System.out, seed).run();
    } catch (DemoFailure e) {
      wrong = List.of(String.valueOf(e.getMessage()));
    }
    if (!wrong.isEmpty()) {
      System.out.println();
      wrong.forEach(sentence -> System.out.println("WRONG  " + sentence));
      System.exit(1);
    }
    System.out.printf("%nAll as expected (seed %d).%n", seed);
  }

  private static Map<String, String> options(String[] arguments) {
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      options.put(arguments[i], arguments[i + 1]);
    }
    return options;
  }
}
