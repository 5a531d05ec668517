package io.tributary.ingestion.destination;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.Json;
import io.tributary.event.ProfileId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Destinations that code of somebody else's delivers to. */
@Timeout(180)
class ConnectorsTest extends Scene {
  private static final String DIARY =
      """
      package custom;

      import io.tributary.connector.*;
      import java.nio.file.*;
      import java.util.*;

      public final class Diary implements Connector {
        public String name() { return "diary"; }

        public Map<String, String> check(Map<String, String> settings) {
          if (settings.containsKey("broken")) { throw new IllegalStateException("broken"); }
          return settings.containsKey("file") && settings.size() == 1
              ? Map.of() : Map.of("file", "must be there, and nothing else");
        }

        public Outlet open(Map<String, String> settings, String secret) {
          if (!secret.equals("s3cret")) { throw new IllegalStateException("a wrong " + secret); }
          Path file = Path.of(settings.get("file"));
          return new Outlet() {
            public int most() { return 7; }

            public List<Outcome> deliver(List<Message> messages) throws Exception {
              List<Outcome> outcomes = new ArrayList<>();
              List<String> lines = new ArrayList<>();
              for (Message each : messages) {
                if (each.json().contains("Boom")) { throw new NoClassDefFoundError(each.json()); }
                if (each.json().contains("Bad")) { outcomes.add(new Outcome.Refused("not_liked")); continue; }
                lines.add(each.id() + " " + each.type() + " " + each.person() + " "
                    + Thread.currentThread().getContextClassLoader().getName() + " " + each.json());
                outcomes.add(new Outcome.Delivered());
              }
              Files.write(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
              return outcomes;
            }
          };
        }
      }
      """;

  private static final Path DIRECTORY = directory();

  /** After the scene has begun without. */
  @BeforeAll
  static void beginAgainWithConnectors() {
    stop();
    connectors = DIRECTORY.toString();
    start();
    connectors = "";
  }

  /** One that works, one of the same name, one that ends at once, and what is none. */
  private static Path directory() {
    try {
      Path directory = Files.createTempDirectory("connectors");
      jar(directory.resolve("a-diary.jar"), "Diary", DIARY);
      jar(directory.resolve("b-same.jar"), "Same", DIARY.replace("Diary", "Same"));
      jar(
          directory.resolve("c-ends.jar"),
          "Ends",
          DIARY
              .replace("Diary", "Ends")
              .replace(
                  "public String name()",
                  "static { if (true) throw new Error(); } public String name()"));
      Files.writeString(directory.resolve("d-rubbish.jar"), "this is no jar");
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void jar(Path jar, String name, String source) throws IOException {
    Path work = Files.createTempDirectory("connector");
    Path file = Files.writeString(work.resolve(name + ".java"), source);
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                work.toString(),
                file.toString());
    assertThat(status).isZero();
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new ZipEntry("META-INF/services/io.tributary.connector.Connector"));
      out.write(("custom." + name).getBytes(StandardCharsets.UTF_8));
      try (var classes = Files.list(work.resolve("custom"))) {
        for (Path each : classes.toList()) {
          out.putNextEntry(new ZipEntry("custom/" + each.getFileName()));
          out.write(Files.readAllBytes(each));
        }
      }
    }
  }

  private static ObjectNode definition(String file) {
    ObjectNode body = Json.MAPPER.createObjectNode().put("name", "To " + file);
    body.put("kind", "connector").putArray("sends").add("events");
    ObjectNode connector = body.putObject("connector").put("name", "diary").put("secret", "s3cret");
    connector.putObject("settings").put("file", DIRECTORY.resolve(file).toString());
    return body;
  }

  private static List<String> lines(String file) throws IOException {
    Path path = DIRECTORY.resolve(file);
    return Files.exists(path) ? Files.readAllLines(path) : List.of();
  }

  @Test
  void whatHappensGetsToAConnectorInItsOrderAndWhatFailsHoldsUpNobodyElse() throws Exception {
    JsonNode made = call("POST", "", definition("events").toString(), 201);
    assertThat(made.toString()).doesNotContain("s3cret");
    String id = made.path("id").asString();
    List<ProfileId> people = IntStream.range(0, 10).mapToObj(i -> somebody()).toList();
    ProfileId unlucky = somebody();
    for (int i = 0; i < 100; i++) {
      event(people.get(i % 10), "E" + i / 10, "{}");
      if (i == 30) {
        event(unlucky, "Boom", "{}");
        event(unlucky, "Behind it", "{}");
      }
      if (i == 50) {
        event(people.get(0), "Bad", "{}");
      }
    }
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          JsonNode total = counted(id, 103);
          assertThat(total.path("delivered").asInt()).isEqualTo(100);
          assertThat(total.path("failed").asInt()).isEqualTo(1);
          assertThat(total.path("retrying").asInt()).isEqualTo(2);
        });
    for (ProfileId each : people) {
      List<String> mine =
          lines("events").stream()
              .filter(line -> line.contains(" " + each + " "))
              .distinct()
              .toList();
      assertThat(mine).hasSize(10);
      for (int i = 0; i < 10; i++) {
        assertThat(mine.get(i)).contains(" event ", "\"event\":\"E" + i + "\"", " a-diary.jar ");
      }
    }
    assertThat(call("GET", "/" + id + "/undelivered?state=waiting", "", 200).toString())
        .contains("connector_failed");
    assertThat(call("GET", "/" + id + "/undelivered", "", 200).toString()).contains("not_liked");
  }

  @Test
  void oneThatCannotBeginWaitsUntilItCan() throws Exception {
    ObjectNode wrong = definition("begins");
    ((ObjectNode) wrong.path("connector")).put("secret", "not it");
    String id = call("POST", "", wrong.toString(), 201).path("id").asString();
    event(somebody(), "A", "{}");
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(read(id).path("lastFailure").asString()).isEqualTo("connector_failed"));
    assertThat(call("POST", "/" + id + "/test", "", 200).path("outcome").asString())
        .isEqualTo("failed");
    assertThat(replaced(id, definition("begins").toString(), 0)).contains("\"state\":\"running\"");
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(read(id).at("/total/delivered").asInt()).isEqualTo(1));
    assertThat(read(id).at("/total/failed").asInt()).isZero();
    assertThat(lines("begins")).hasSize(1);
    // The secret is for these settings only.
    ObjectNode elsewhere = definition("elsewhere");
    ((ObjectNode) elsewhere.path("connector")).remove("secret");
    assertThat(replaced(id, elsewhere.toString(), 1)).contains("connector.secret");
  }

  @Test
  void whatIsWrongIsSaid() {
    ObjectNode unknown = definition("x");
    ((ObjectNode) unknown.path("connector")).put("name", "same");
    assertThat(call("POST", "", unknown.toString(), 400).toString())
        .contains("connector.name", "not_available", "which has: diary");
    ObjectNode settings = definition("x");
    ((ObjectNode) settings.at("/connector/settings")).put("more", "x");
    assertThat(call("POST", "", settings.toString(), 400).toString())
        .contains("connector.settings.file", "and nothing else");
    ObjectNode broken = definition("x");
    ((ObjectNode) broken.at("/connector/settings")).put("broken", "x");
    assertThat(call("POST", "", broken.toString(), 400).toString())
        .contains("connector.settings", "see the log");
    ObjectNode several = definition("x").put("concurrency", 2).put("url", "https://example.org");
    assertThat(call("POST", "", several.toString(), 400).path("errors")).hasSize(2);
  }
}
