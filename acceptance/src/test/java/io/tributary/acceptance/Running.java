package io.tributary.acceptance;

import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import io.tributary.demo.Api;
import io.tributary.demo.DemoFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** A Tributary that runs, in one of its shapes. */
sealed interface Running permits Product, Processes {
  /** What looks like a mail address or a phone number. */
  Pattern PERSONAL = Pattern.compile("[\\p{Alnum}._+-]+@[\\p{Alnum}-]+\\.\\p{Alpha}+|\\+\\d{9,}");

  String collectorUrl();

  String apiUrl();

  /** The first source's. */
  String writeKey();

  /** With all scopes. */
  String apiToken();

  /** The server that its mail goes to. */
  GreenMail mail();

  /** What the product, with Kafka in it, and Postgres have written. */
  List<Path> logs() throws IOException;

  /** Its database, as the services see it. */
  Connection database() throws IOException, SQLException;

  /** The product as its users see it. */
  default Api api() {
    return new Api(collectorUrl(), apiUrl(), writeKey(), apiToken());
  }

  /** The API's description, which takes all services: just after a start one may be late. */
  default JsonNode description() {
    return await()
        .atMost(Duration.ofMinutes(1))
        .ignoreExceptionsInstanceOf(DemoFailure.class)
        .until(() -> api().get("/api/v1/openapi.json"), description -> true);
  }

  /** Lines of the logs that hold what looks like a mail address or a phone number. */
  default List<String> personalDataInLogs() {
    try {
      return personalData(logs());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lines of files that hold what looks like a mail address or a phone number. */
  static List<String> personalData(List<Path> logs) throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : logs) {
      // Postgres may write in any encoding; what is looked for is ASCII.
      try (var lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
        lines.filter(line -> PERSONAL.matcher(line).find()).forEach(found::add);
      }
    }
    return found;
  }
}
