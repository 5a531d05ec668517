package io.tributary.acceptance.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tributary.demo.Api;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * The image holds all that the services need: each runs from its layers and its entry point, on
 * files that it can't write to, as the image's user, with just Compose's variables and secrets, and
 * within Compose's limits; and what it exports is what alerts and dashboard ask for.
 */
@Order(1)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ImageTest {

  private static final Path ROOT = ProcessesSettings.project();
  private static final Image IMAGE = Image.read(ROOT.resolve("Dockerfile"));
  private static final Compose COMPOSE = Compose.read(ROOT.resolve("docker-compose.yml"), Map.of());
  private static final Monitoring MONITORING = Monitoring.of(ROOT);
  private static final Pattern SIZE = Pattern.compile("([0-9]+)([mMG])");

  @TempDir private static Path directory;
  private static SeparateProcesses processes;
  private static List<Series> beforeAnything;

  @BeforeAll
  static void start() throws Exception {
    processes = SeparateProcesses.start(ProcessesSettings.in(directory).asContainers());
    beforeAnything = scrape();
  }

  @AfterAll
  static void stop() {
    processes.close();
  }

  @Test
  @Order(1)
  void theDockerfileCopiesWhatIsThereAndStartsItAsAUserWithoutRights() throws IOException {
    assertThat(IMAGE.files().values()).allSatisfy(file -> assertThat(ROOT.resolve(file)).exists());
    List<String> layers = List.copyOf(IMAGE.files().keySet());
    assertThat(layers.indexOf("/tributary/own"))
        .isGreaterThan(layers.indexOf("/tributary/libraries"));
    assertThat(IMAGE.user()).matches("[1-9][0-9]{3,}:[1-9][0-9]{3,}");
    String entryPoint =
        Files.readAllLines(ROOT.resolve("Dockerfile")).stream()
            .filter(line -> line.startsWith("ENTRYPOINT"))
            .collect(Collectors.joining());
    // Otherwise it's a shell that runs it, and that doesn't pass SIGTERM on.
    assertThat(Api.MAPPER.readTree(entryPoint.substring("ENTRYPOINT".length())).isArray()).isTrue();
  }

  @Test
  @Order(2)
  void everySeriesThatAlertsAskForIsThereBeforeAnythingHappens() {
    assertThat(
            MONITORING.alerts().stream()
                .flatMap(alert -> alert.expression().unknown(beforeAnything).stream()))
        .isEmpty();
  }

  @Test
  @Order(3)
  void everyServiceIsHealthyByItsOwnCommand() {
    for (String service : SeparateProcesses.SERVICES) {
      assertThat(processes.checkHealth(service, 1)).as(service).isZero();
    }
  }

  @Test
  @Order(3)
  void theHealthCommandFailsWithoutAGoodAnswer() {
    String address = processes.instance("profile", 1).address();
    List<String> command = List.of("bash", IMAGE.workDirectory() + "/health");
    assertThat(processes.execute(plus(command, "8073", "/actuator/health", address))).isZero();
    assertThat(processes.execute(plus(command, "8073", "/actuator/none", address))).isNotZero();
    assertThat(processes.execute(plus(command, "8079", "/actuator/health", address))).isNotZero();
  }

  @Test
  @Order(4)
  void anEventBecomesAProfile() throws Exception {
    Api api = processes.api();
    ObjectNode event = Api.MAPPER.createObjectNode().put("type", "track").put("event", "Looked");
    String token = api.collect(List.of(event.deepCopy().put("userId", "ada"), event));
    api.await("/api/v1/profiles?identifier=userId:ada", List.of(token));
    assertThat(
            api.get("/api/v1/profiles?identifier=userId:ada").at("/data/0/eventCount").asLong(-1))
        .isEqualTo(1);
  }

  @Test
  @Order(5)
  void everySeriesThatTheDashboardShowsIsExported() throws Exception {
    List<Series> exported = scrape();
    assertThat(
            MONITORING.panels().stream()
                .flatMap(panel -> panel.expressions().stream())
                .flatMap(expression -> expression.unknown(exported).stream()))
        .isEmpty();
  }

  @Test
  @Order(6)
  void theServicesRunAsTheImagesUserWithoutPrivileges() throws IOException {
    assumeTrue(
        processes.isConfined(),
        "Another user can be given to processes by root only, with setpriv, and a Java that all may run.");
    String[] ids = IMAGE.user().split(":");
    for (String service : SeparateProcesses.SERVICES) {
      Map<String, String> status = status(service);
      assertThat(status.get("Uid")).as(service).matches(ids[0] + "(\\s" + ids[0] + "){3}");
      assertThat(status.get("Gid")).as(service).matches(ids[1] + "(\\s" + ids[1] + "){3}");
      assertThat(status)
          .as(service)
          .containsEntry("NoNewPrivs", "1")
          .containsEntry("CapEff", "0000000000000000")
          .containsEntry("CapBnd", "0000000000000000");
    }
    assertThat(
            processes.execute(
                List.of("cat", directory.resolve("secrets/GRAFANA_PASSWORD").toString())))
        .isNotZero();
  }

  @Test
  @Order(7)
  void nothingWasWrittenBesideTheFolderForIt() throws IOException {
    if (processes.isConfined()) {
      assertThat(processes.execute(List.of("touch", IMAGE.workDirectory() + "/own/new")))
          .isNotZero();
    }
    for (Map.Entry<String, String> layer : IMAGE.files().entrySet()) {
      Path copy = Path.of(processes.image() + layer.getKey());
      Path original = ROOT.resolve(layer.getValue());
      assertThat(files(copy)).isEqualTo(files(original));
      for (String file : files(copy)) {
        assertThat(Files.mismatch(copy.resolve(file), original.resolve(file)))
            .as(file)
            .isNegative();
      }
    }
    assertThat(files(processes.image()))
        .hasSize(
            IMAGE.files().values().stream().mapToInt(f -> files(ROOT.resolve(f)).size()).sum());
    for (String service : SeparateProcesses.SERVICES) {
      Set<String> own = files(processes.place(service + "-1"));
      own.removeIf(file -> file.startsWith("tmp/"));
      assertThat(own)
          .as(service)
          .containsExactlyInAnyOrderElementsOf(
              COMPOSE.service(service).secrets().stream().map(name -> "secrets/" + name).toList());
    }
  }

  @Test
  @Order(8)
  void everyServiceFitsIntoItsContainer() throws IOException {
    for (String service : SeparateProcesses.SERVICES) {
      Map<String, Object> source = COMPOSE.service(service).source();
      Object limits = Compose.map(Compose.map(source.get("deploy")).get("resources")).get("limits");
      long peak =
          Long.parseLong(String.valueOf(status(service).get("VmHWM")).replace(" kB", "")) * 1024;
      assertThat(peak)
          .as(service)
          .isLessThan(size(String.valueOf(Compose.map(limits).get("memory"))));

      String tmp =
          Compose.texts(source.get("tmpfs")).stream()
              .filter(mount -> mount.startsWith("/tmp:"))
              .findFirst()
              .orElseThrow();
      assertThat(used(processes.place(service + "-1").resolve("tmp")))
          .as(service)
          .isLessThan(size(tmp));
    }
  }

  private static List<Series> scrape() throws IOException, InterruptedException {
    List<Series> all = new ArrayList<>();
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (String service : SeparateProcesses.SERVICES) {
        URI metrics = processes.instance(service, 1).url().resolve("/actuator/prometheus");
        HttpResponse<String> answer =
            http.send(
                HttpRequest.newBuilder(metrics)
                    .timeout(Duration.ofSeconds(20))
                    .header(
                        "Authorization", "Bearer " + processes.secret("TRIBUTARY_METRICS_TOKEN"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(service).isEqualTo(200);
        all.addAll(Series.exported(answer.body()));
      }
    }
    return all;
  }

  private static List<String> plus(List<String> command, String... arguments) {
    return Stream.concat(command.stream(), Stream.of(arguments)).toList();
  }

  /** What Linux says of a process. */
  private static Map<String, String> status(String service) throws IOException {
    long pid = processes.instance(service, 1).pid();
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .map(line -> line.split(":", 2))
        .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1].strip()));
  }

  private static Set<String> files(Path below) {
    try (Stream<Path> all = Files.walk(below)) {
      return all.filter(Files::isRegularFile)
          .map(file -> below.relativize(file).toString())
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("looking into " + below, e);
    }
  }

  private static long used(Path below) throws IOException {
    long used = 0;
    for (String file : files(below)) {
      used += Files.size(below.resolve(file));
    }
    return used;
  }

  /** Of {@code 768M}, or of the options of a mount, in bytes. */
  private static long size(String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.find()) {
      throw new IllegalArgumentException("no size in " + text);
    }
    return Long.parseLong(size.group(1)) << (size.group(2).equals("G") ? 30 : 20);
  }
}
