package io.tributary.acceptance.processes;

import io.tributary.demo.Api;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Tributary as separate processes: Postgres, Kafka, five services and the gateway, each a process
 * that can be killed, frozen and started by itself. What is run, with which options, variables and
 * secrets, is read from {@code Dockerfile} and {@code docker-compose.yml}; replaced are only
 * addresses to listen on, the addresses of Kafka and Postgres, and the folder of secrets.
 *
 * <p>Everything ends with {@link #close}, or with this JVM, however that ends.
 */
public final class SeparateProcesses implements AutoCloseable {

  /** The services through which an event goes, and the gateway, as the Compose file names them. */
  public static final List<String> SERVICES =
      List.of("ingestion", "identity", "profile", "segment", "campaign", "gateway");

  /** Where Compose publishes the API. */
  private static final String PUBLISHED = "http://localhost:8080";

  /** Within minutes the second compiler costs more than it saves, with as many JVMs as here. */
  private static final String SHORT_LIFE = "-XX:TieredStopAtLevel=1";

  private static final String KAFKA_OPTIONS = "-Xms128m -Xmx512m -XX:+UseSerialGC " + SHORT_LIFE;

  private final ProcessesSettings settings;
  private final Confinement confinement;
  private final SecretFiles secrets;
  private final Network network;
  private final Watchdog watchdog;
  private final PostgresProgram postgres;
  private final JavaProgram kafka;
  private final Map<String, SortedMap<Integer, JavaProgram>> services = new LinkedHashMap<>();
  private volatile Release release;
  private int images = 1;
  private final Thread atExit = new Thread(this::killAll, "separate-processes-end");

  private SeparateProcesses(ProcessesSettings settings) {
    this.settings = settings;
    make(settings.directory().resolve("logs"));
    if (settings.confined()) {
      open(settings.directory(), "rwxr-xr-x");
    }
    this.release = release(settings.root(), 1);
    this.confinement =
        settings.confined() ? Confinement.of(release.image().user()) : Confinement.none();
    this.secrets = SecretFiles.make(settings.root(), settings.directory().resolve("secrets"));
    make(settings.directory().resolve("postgres"));
    secrets.copy("TRIBUTARY_DATABASE_PASSWORD", settings.directory().resolve("postgres/password"));
    this.network = new Network(settings.directory().resolve("hosts"));
    this.watchdog = Watchdog.in(settings.directory());
    this.postgres =
        new PostgresProgram(settings.directory().resolve("postgres"), Network.port(), watchdog);
    this.kafka = kafkaProgram();
    SERVICES.forEach(name -> services.put(name, new TreeMap<>()));
  }

  /** Starts one instance of everything, and returns once all are healthy. */
  public static SeparateProcesses start(ProcessesSettings settings) {
    SeparateProcesses processes = new SeparateProcesses(settings);
    Runtime.getRuntime().addShutdownHook(processes.atExit);
    try {
      processes.startAll();
      return processes;
    } catch (RuntimeException e) {
      processes.close();
      throw e;
    }
  }

  private void startAll() {
    kafka.launch();
    postgres.start();
    kafka.awaitHealthy();
    // All at once, as Compose does; the gateway waits for the others there, too.
    List<JavaProgram> launched =
        SERVICES.stream()
            .filter(name -> !name.equals("gateway"))
            .map(name -> launch(name, 1))
            .toList();
    launched.forEach(JavaProgram::awaitHealthy);
    start("gateway", 1);
  }

  /** Postgres. */
  public PostgresProgram postgres() {
    return postgres;
  }

  /** Kafka. */
  public JavaProgram kafka() {
    return kafka;
  }

  /** Where Kafka is, for a client of one's own. */
  public String kafkaBootstrap() {
    return "127.0.0.1:" + settings.kafka().port();
  }

  /** An instance that has been started at least once; they are numbered from 1. */
  public JavaProgram instance(String service, int number) {
    JavaProgram program = known(service).get(number);
    if (program == null) {
      throw new IllegalArgumentException(service + " has no instance " + number);
    }
    return program;
  }

  /** The instances of a service that run. */
  public List<JavaProgram> instances(String service) {
    synchronized (services) {
      return known(service).values().stream().filter(JavaProgram::isAlive).toList();
    }
  }

  /** All programs that have been started at least once, Postgres and Kafka included. */
  public List<Program> programs() {
    List<Program> all = new ArrayList<>(List.of(postgres, kafka));
    synchronized (services) {
      services.values().forEach(instances -> all.addAll(instances.values()));
    }
    return List.copyOf(all);
  }

  /** Starts an instance, a new one or one that has ended, and returns once it is healthy. */
  public JavaProgram start(String service, int number) {
    JavaProgram program = launch(service, number);
    program.awaitHealthy();
    return program;
  }

  /** Starts an instance without waiting for its health. */
  public JavaProgram launch(String service, int number) {
    JavaProgram program;
    synchronized (services) {
      program = known(service).computeIfAbsent(number, n -> serviceProgram(service, n));
    }
    program.launch();
    return program;
  }

  /**
   * Starts one more instance, with the smallest number that is free, without waiting for its
   * health.
   */
  public JavaProgram more(String service) {
    int number = 1;
    while (runs(service, number)) {
      number++;
    }
    return launch(service, number);
  }

  private boolean runs(String service, int number) {
    synchronized (services) {
      JavaProgram program = known(service).get(number);
      return program != null && program.isAlive();
    }
  }

  /**
   * From now on each start is one of the version that was built in another project; what runs goes
   * on as it is.
   */
  public synchronized void install(Path root) {
    SecretFiles.make(root, settings.directory().resolve("secrets"));
    release = release(root, ++images);
  }

  private Release release(Path root, int number) {
    return Release.of(
        root,
        settings.variables(),
        settings.directory().resolve("image-" + number),
        settings.confined());
  }

  /** Each service's name stands for the instances that run, as in Compose's network. */
  private void announce() {
    Map<String, List<String>> addresses = new TreeMap<>();
    for (String service : SERVICES) {
      addresses.put(service, instances(service).stream().map(JavaProgram::address).toList());
    }
    network.write(addresses);
  }

  /** Base address of the first collector. */
  public String collectorUrl() {
    return collectorUrl(1);
  }

  /** Base address of the collector of an instance of ingestion. */
  public String collectorUrl(int number) {
    return url("ingestion", number, "TRIBUTARY_COLLECTOR_PORT");
  }

  /** Base address of the API, at the first gateway. */
  public String apiUrl() {
    return apiUrl(1);
  }

  /** Base address of the API at an instance of the gateway. */
  public String apiUrl(int number) {
    return url("gateway", number, "TRIBUTARY_API_PORT");
  }

  private String url(String service, int number, String port) {
    return "http://"
        + network.address(service + "-" + number)
        + ":"
        + release.service(service).environment().get(port);
  }

  /** Key of the first source. */
  public String writeKey() {
    return secret("TRIBUTARY_WRITE_KEY");
  }

  /** Token with all scopes. */
  public String apiToken() {
    return secret("TRIBUTARY_API_TOKEN");
  }

  /** The content of a secret by its name. */
  public String secret(String name) {
    return secrets.read(name);
  }

  /** The product as its users see it. */
  public Api api() {
    return new Api(collectorUrl(), apiUrl(), writeKey(), apiToken());
  }

  /** Where logs lie, one file for each program. */
  public Path logs() {
    return settings.directory().resolve("logs");
  }

  /** Below which the image's files lie. */
  Path image() {
    return release.place();
  }

  /** Whether services run as the image's user. */
  boolean isConfined() {
    return confinement.isEffective();
  }

  /**
   * Runs a service's health command as Docker would, as the service's user, and returns its exit
   * status. The address of the instance is added to it: containers all have 127.0.0.1.
   */
  int checkHealth(String service, int number) {
    List<String> command = new ArrayList<>(release.service(service).healthCheck());
    command.addAll(List.of("/actuator/health", instance(service, number).address()));
    return execute(command);
  }

  /** Runs a command on the image's files, as a service's user, and returns its exit status. */
  int execute(List<String> command) {
    return confinement.run(
        command.stream()
            .map(word ->
                word.startsWith(release.image().workDirectory() + "/") ? image() + word : word)
            .toList(),
        logs().resolve("run.log"));
  }

  private SortedMap<Integer, JavaProgram> known(String service) {
    SortedMap<Integer, JavaProgram> instances = services.get(service);
    if (instances == null) {
      throw new IllegalArgumentException("there's no service " + service);
    }
    return instances;
  }

  private JavaProgram kafkaProgram() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(KAFKA_OPTIONS.split(" ")));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            KafkaNode.class.getName(),
            settings.directory().resolve("kafka").toString(),
            String.valueOf(settings.kafka().port()),
            String.valueOf(settings.kafka().advertised())));
    JavaProgram.Launch launch =
        new JavaProgram.Launch(
            command, Map.of(), place("kafka-1"), "127.0.0.1", settings.kafka().port(), false);
    return new JavaProgram(
        "kafka-1", () -> launch, logs().resolve("kafka-1.log"), watchdog, () -> {});
  }

  private JavaProgram serviceProgram(String service, int number) {
    String name = service + "-" + number;
    return new JavaProgram(
        name,
        () -> launchOf(service, name),
        logs().resolve(name + ".log"),
        watchdog,
        this::announce);
  }

  private JavaProgram.Launch launchOf(String service, String name) {
    Release from = release;
    ComposeService source = from.service(service);
    Path place = place(name);
    return new JavaProgram.Launch(
        confinement.command(from.command(source)),
        environment(source, name, place),
        settings.confined() ? from.workDirectory() : place,
        network.address(name),
        source.healthPort(),
        true);
  }

  /** What the Compose file says, with the addresses and paths of this machine. */
  private Map<String, String> environment(ComposeService source, String name, Path place) {
    Map<String, String> all = new HashMap<>(source.environment());
    all.put("HOSTNAME", name);
    all.replaceAll((variable, value) -> variable.endsWith("_BIND") ? network.address(name) : value);
    all.replace("TRIBUTARY_PUBLIC_URL", PUBLISHED, apiUrl());
    all.computeIfPresent("TRIBUTARY_KAFKA_BOOTSTRAP", (variable, value) -> kafkaBootstrap());
    all.computeIfPresent(
        "TRIBUTARY_DATABASE_URL",
        (variable, value) ->
            value.replace("//postgres:5432/", "//127.0.0.1:" + postgres.port() + "/"));
    all.computeIfPresent(
        "TRIBUTARY_SECRETS",
        (variable, value) -> secrets.copy(source.secrets(), place.resolve("secrets")).toString());
    all.merge(
        "JDK_JAVA_OPTIONS",
        String.join(
            " ", network.javaOption(), "-Djava.io.tmpdir=" + place.resolve("tmp"), SHORT_LIFE),
        (given, ours) -> given + " " + ours);
    if (settings.confined()) {
      // What Docker gives to a user whom the image doesn't know.
      all.put("HOME", "/");
    }
    all.putAll(settings.environment());
    return all;
  }

  /** What a service has of its own: a folder {@code tmp}, and its secrets. */
  Path place(String name) {
    Path place = settings.directory().resolve("run").resolve(name);
    make(place.resolve("tmp"));
    if (settings.confined()) {
      open(place.resolve("tmp"), "rwxrwxrwx");
    }
    return place;
  }

  private static void open(Path directory, String permissions) {
    try {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(permissions));
    } catch (IOException e) {
      throw new UncheckedIOException("opening " + directory, e);
    }
  }

  private static void make(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("making " + directory, e);
    }
  }

  /** Stops everything in order: the gateway, the services, then what they stand on. */
  @Override
  public void close() {
    try {
      stop(instances("gateway"));
      stop(SERVICES.stream().flatMap(service -> instances(service).stream()).toList());
      stop(Stream.of(kafka, postgres).filter(Program::isAlive).toList());
    } finally {
      killAll();
      watchdog.close();
      try {
        Runtime.getRuntime().removeShutdownHook(atExit);
      } catch (IllegalStateException e) {
        // This JVM ends already, and the hook finds nobody.
      }
    }
  }

  private static void stop(List<? extends Program> programs) {
    programs.parallelStream()
        .forEach(program -> {
          program.thaw();
          program.stop();
        });
  }

  private void killAll() {
    for (Program program : programs()) {
      if (program.isAlive()) {
        program.kill();
      }
    }
  }
}
