package io.tributary.acceptance.processes;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.tributary.demo.Api;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code docker-compose.yml} is what the Compose specification allows, its variables and secrets
 * are those that the services read, and no container has more than it needs.
 */
class ComposeTest {

  private static final Path ROOT = ProcessesSettings.project();
  private static final Path FILE = ROOT.resolve("docker-compose.yml");
  private static final Compose COMPOSE = Compose.read(FILE, Map.of());
  private static final Image IMAGE = Image.read(ROOT.resolve("Dockerfile"));
  private static final Path MANUAL = ROOT.resolve("docs/operating.md");
  private static final Pattern ADDRESS = Pattern.compile("^[a-z]+://([a-z]+):([0-9]+)$");
  private static final Pattern SECRET = Pattern.compile("PASSWORD|TOKEN|KEY|SECRET");

  @Test
  void theFileIsWhatTheSpecificationAllows() {
    assertThat(errors(COMPOSE)).isEmpty();
  }

  @Test
  void whatTheSpecificationDoesNotAllowIsRefused(@TempDir Path directory) throws IOException {
    assertThat(errors(planted(directory, "interval: 5s", "intervall: 5s")))
        .anyMatch(error -> error.toString().contains("'intervall'"));
    assertThat(errors(planted(directory, "read_only: true", "read_only: [true]"))).isNotEmpty();
  }

  @Test
  void everyVariableOfAServiceIsReadByIt() {
    assertThat(ours()).hasSameSizeAs(SeparateProcesses.SERVICES);
    assertThat(ours().stream().flatMap(service -> unread(service).stream())).isEmpty();
  }

  @Test
  void aVariableThatNobodyReadsIsFound(@TempDir Path directory) throws IOException {
    Compose compose = planted(directory, "TRIBUTARY_PARTITIONS:", "TRIBUTARY_PARTITONS:");
    assertThat(unread(compose.service("identity")))
        .containsExactly("identity: TRIBUTARY_PARTITONS");
  }

  @Test
  void whatIsOnlyPassedOnHasTheServicesOwnDefault() {
    Map<String, Set<String>> passed = Variables.defaultsIn(FILE);
    assertThat(passed).hasSizeGreaterThan(20);
    Map<String, Set<String>> own = new TreeMap<>();
    for (ComposeService service : ours()) {
      Variables.defaultsOfService(ROOT, service.name())
          .forEach((variable, values) ->
              own.computeIfAbsent(variable, name -> new TreeSet<>()).addAll(values));
    }
    passed.keySet().retainAll(own.keySet());
    own.keySet().retainAll(passed.keySet());
    assertThat(passed).hasSizeGreaterThan(15).isEqualTo(own);
  }

  @Test
  void whatConcernsAllServicesReachesAll() {
    for (ComposeService service : ours()) {
      assertThat(service.environment())
          .as(service.name())
          .containsKeys(
              "TRIBUTARY_LOG_LEVEL",
              "TRIBUTARY_LOG_FORMAT",
              "TRIBUTARY_TRACES_ENDPOINT",
              "TRIBUTARY_TRACES_SAMPLED",
              "TRIBUTARY_TLS_HTTP",
              "TRIBUTARY_TLS_CERTIFICATE",
              "TRIBUTARY_TLS_KEY",
              "TRIBUTARY_TLS_CA",
              "TRIBUTARY_TLS_QUIET_PERIOD");
    }
  }

  @Test
  void everySecretOfAContainerIsReadByIt() {
    for (ComposeService service : COMPOSE.services().values()) {
      if (service.isOurs()) {
        assertThat(Variables.readByService(ROOT, service.name()))
            .as(service.name())
            .containsAll(service.secrets());
        if (!service.secrets().isEmpty()) {
          assertThat(service.environment()).containsEntry("TRIBUTARY_SECRETS", "/run/secrets");
        }
      } else {
        String texts = service.environment() + String.join("\n", mountedTexts(service));
        for (String secret : service.secrets()) {
          assertThat(texts).as(service.name()).contains("/run/secrets/" + secret);
        }
      }
    }
  }

  @Test
  void theManualNamesTheVariablesThatThereAre() {
    Set<String> named = Variables.namedBy(MANUAL);
    assertThat(named).hasSizeGreaterThan(50);
    assertThat(Variables.readByAnything(ROOT)).containsAll(named);

    Set<String> settings = Variables.readByFile(FILE);
    ours().forEach(service -> settings.addAll(Variables.readByService(ROOT, service.name())));
    assertThat(named).containsAll(settings);
  }

  @Test
  void aVariableThatIsOnlyInAManualIsFound(@TempDir Path directory) throws IOException {
    Path page = directory.resolve("page.md");
    Files.writeString(page, "| `TRIBUTARY_SMTP_HOST`, `_PORT`, `_PROT` | `TRIBUTARY_HEEP` |");
    Set<String> named = Variables.namedBy(page);
    named.removeAll(Variables.readByAnything(ROOT));
    assertThat(named).containsExactly("TRIBUTARY_HEEP", "TRIBUTARY_SMTP_PROT");
  }

  @Test
  void everyContainerIsWatchedLimitedAndWithoutPrivileges() {
    assertThat(COMPOSE.services()).hasSize(10);
    assertThat(problems(COMPOSE)).isEmpty();
  }

  @Test
  void aContainerWithMoreThanItNeedsIsFound(@TempDir Path directory) throws IOException {
    assertThat(problems(planted(directory, "read_only: true", "read_only: false")))
        .contains("identity can write to its image", "kafka can write to its image");
    assertThat(problems(planted(directory, "cap_drop: [ALL]", "cap_drop: [NET_RAW]")))
        .contains("identity keeps capabilities");
    assertThat(problems(planted(directory, "no-new-privileges:true", "no-new-privileges:false")))
        .contains("identity can get privileges");
    assertThat(problems(planted(directory, "user: \"472:0\"", "user: \"0:0\"")))
        .containsExactly("grafana runs as root");
    assertThat(problems(planted(directory, ", memory: 768M", "")))
        .contains("identity has no limit of memory");
    assertThat(problems(planted(directory, "/health, \"8072\"", "/health, \"8073\"")))
        .containsExactly("identity isn't asked for its health at a port of its own");
    assertThat(problems(planted(directory, "127.0.0.1:3000:3000", "3000:3000")))
        .containsExactly("grafana can be reached from other machines");
    assertThat(problems(planted(directory, "http://profile:8073", "http://profile:8072")))
        .containsExactly("gateway looks for something at http://profile:8072");
    assertThat(
            problems(
                planted(
                    directory,
                    "TRIBUTARY_REPLICATION: $",
                    "TRIBUTARY_API_TOKEN: trb_x\n  TRIBUTARY_REPLICATION: $")))
        .contains("identity has a secret in TRIBUTARY_API_TOKEN");
  }

  @Test
  void everySecretIsDeclaredAndMade(@TempDir Path directory) throws IOException {
    Map<String, Object> declared = Compose.map(COMPOSE.document().get("secrets"));
    declared.forEach((name, source) ->
        assertThat(Compose.map(source)).containsEntry("file", "./deploy/secrets/" + name));
    Set<String> used = new TreeSet<>();
    COMPOSE.services().values().forEach(service -> used.addAll(service.secrets()));
    assertThat(declared).containsOnlyKeys(used);

    SecretFiles made = SecretFiles.make(ROOT, directory.resolve("secrets"));
    try (Stream<Path> files = Files.list(directory.resolve("secrets"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(used);
    }
    assertThat(used).allSatisfy(name -> assertThat(made.read(name)).matches("[A-Za-z0-9_]{24,}"));
  }

  @Test
  void everyPathThatIsMountedIsInTheProject() {
    List<String> paths =
        COMPOSE.services().values().stream().flatMap(service -> mounts(service).stream()).toList();
    assertThat(paths).hasSizeGreaterThan(3);
    assertThat(paths)
        .allSatisfy(path -> assertThat(ROOT.resolve(path.substring(0, path.indexOf(':')))).exists())
        .allMatch(path -> path.endsWith(":ro"));
  }

  private static List<ComposeService> ours() {
    return COMPOSE.services().values().stream().filter(ComposeService::isOurs).toList();
  }

  /** Variables of a service that neither it nor the JVM reads. */
  private static List<String> unread(ComposeService service) {
    Set<String> set = new TreeSet<>(service.environment().keySet());
    set.removeAll(Variables.readByService(ROOT, service.name()));
    set.remove("JDK_JAVA_OPTIONS");
    return set.stream().map(variable -> service.name() + ": " + variable).toList();
  }

  private static List<String> problems(Compose compose) {
    List<String> all = new ArrayList<>();
    for (ComposeService service : compose.services().values()) {
      missing(service).forEach(problem -> all.add(service.name() + " " + problem));
      superfluous(service).forEach(problem -> all.add(service.name() + " " + problem));
      unreachable(compose, service).forEach(problem -> all.add(service.name() + " " + problem));
    }
    return all;
  }

  private static List<String> missing(ComposeService service) {
    List<String> all = new ArrayList<>();
    if (service.healthCheck().isEmpty()) {
      all.add("has no health check");
    } else if (service.isOurs()) {
      if (!IMAGE.files().containsKey(service.healthCheck().get(1))) {
        all.add("has no such health command in its image");
      }
      if (!ports(service).contains(service.healthCheck().getLast())) {
        all.add("isn't asked for its health at a port of its own");
      }
    }
    Map<String, Object> limits =
        Compose.map(
            Compose.map(Compose.map(service.source().get("deploy")).get("resources"))
                .get("limits"));
    for (String limit : List.of("memory", "cpus")) {
      if (!limits.containsKey(limit)) {
        all.add("has no limit of " + limit);
      }
    }
    return all;
  }

  private static List<String> superfluous(ComposeService service) {
    List<String> all = new ArrayList<>();
    if (!Boolean.TRUE.equals(service.source().get("read_only"))) {
      all.add("can write to its image");
    }
    if (!Compose.texts(service.source().get("cap_drop")).equals(List.of("ALL"))
        || service.source().containsKey("cap_add")) {
      all.add("keeps capabilities");
    }
    if (!Compose.texts(service.source().get("security_opt")).contains("no-new-privileges:true")
        || service.source().containsKey("privileged")) {
      all.add("can get privileges");
    }
    String user =
        String.valueOf(
            service.source().getOrDefault("user", service.isOurs() ? IMAGE.user() : "0:0"));
    if (!user.matches("[1-9][0-9]*:[0-9]+")) {
      all.add("runs as root");
    }
    service
        .environment()
        .forEach((variable, value) -> {
          if (SECRET.matcher(variable).find()
              && !value.isEmpty()
              && !value.startsWith("/run/secrets")) {
            all.add("has a secret in " + variable);
          }
        });
    if (!Set.of("ingestion", "gateway").contains(service.name())
        && !Compose.texts(service.source().get("ports")).stream()
            .allMatch(port -> port.startsWith("127.0.0.1:"))) {
      all.add("can be reached from other machines");
    }
    return all;
  }

  private static List<String> unreachable(Compose compose, ComposeService service) {
    List<String> all = new ArrayList<>();
    service.after().stream()
        .filter(name -> compose.service(name).healthCheck().isEmpty())
        .forEach(name -> all.add("waits for the health of " + name + ", which has no check"));
    for (String value : service.isOurs() ? service.environment().values() : List.<String>of()) {
      Matcher address = ADDRESS.matcher(value);
      if (address.matches()
          && !address.group(1).equals("localhost")
          && !ports(compose.service(address.group(1))).contains(address.group(2))) {
        all.add("looks for something at " + value);
      }
    }
    return all;
  }

  /** The ports at which one of our services listens. */
  private static List<String> ports(ComposeService service) {
    return service.environment().entrySet().stream()
        .filter(variable -> variable.getKey().matches("TRIBUTARY_[A-Z]+_PORT"))
        .map(Map.Entry::getValue)
        .toList();
  }

  private static List<String> mounts(ComposeService service) {
    return Compose.texts(service.source().get("volumes")).stream()
        .filter(volume -> volume.startsWith("."))
        .toList();
  }

  private static List<String> mountedTexts(ComposeService service) {
    List<String> texts = new ArrayList<>();
    for (String mount : mounts(service)) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(mount.substring(0, mount.indexOf(':'))))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          texts.add(Files.readString(file));
        }
      } catch (IOException e) {
        throw new java.io.UncheckedIOException("reading what is mounted by " + mount, e);
      }
    }
    return texts;
  }

  private static List<Error> errors(Compose compose) {
    return schema().validate(Api.MAPPER.valueToTree(compose.document()));
  }

  private static Schema schema() {
    try (var stream = ComposeTest.class.getResourceAsStream("/compose-spec/compose-spec.json")) {
      ObjectNode schema = (ObjectNode) Api.MAPPER.readTree(stream);
      // Its id is no URI and its dialect's isn't the one that the draft has, which says "http".
      schema.remove(List.of("$id", "$schema"));
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7).getSchema(schema);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("reading the Compose specification", e);
    }
  }

  /** The file with a mistake in it. */
  private static Compose planted(Path directory, String right, String wrong) throws IOException {
    String text = Files.readString(FILE);
    assertThat(text).contains(right);
    Path file = directory.resolve("docker-compose.yml");
    Files.writeString(file, text.replace(right, wrong));
    return Compose.read(file, Map.of());
  }
}
