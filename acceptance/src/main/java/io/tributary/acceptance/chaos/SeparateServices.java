package io.tributary.acceptance.chaos;

import io.tributary.acceptance.processes.JavaProgram;
import io.tributary.acceptance.processes.ProcessesSettings;
import io.tributary.acceptance.processes.Program;
import io.tributary.acceptance.processes.SeparateProcesses;
import io.tributary.embedded.Ports;
import io.tributary.stream.KafkaClients;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Services, Kafka and Postgres as processes of their own, with a piece of network that can be
 * broken before Kafka and before Postgres, and a balancer before collectors and gateways, as an
 * operator of several instances has one.
 */
final class SeparateServices implements Installation {
  private static final Duration SHARE_LIMIT = Duration.ofMinutes(2);

  /** Who reads comes before who writes, so that nobody is told what they don't know yet. */
  private static final List<String> UPGRADE_ORDER =
      List.of("campaign", "segment", "profile", "identity", "ingestion", "gateway");

  private final Options options;
  private final Path data;
  private final TcpProxy postgresNet;
  private final TcpProxy kafkaNet;
  private final TcpProxy collectors;
  private final TcpProxy gateways;
  private final AtomicInteger turn = new AtomicInteger();

  /** How many connections each collector and each gateway was given. */
  private final Map<String, Integer> connections = new ConcurrentHashMap<>();

  private final Optional<Volume> postgresVolume;
  private final Optional<Volume> kafkaVolume;
  private final SeparateProcesses processes;
  private boolean upgraded;

  /** Starts all of it in an empty directory, in the old version where there is one. */
  SeparateServices(Options options, Path data, Map<String, String> settings) throws IOException {
    this.options = options;
    this.data = data;
    int kafkaPort = Ports.free();
    this.postgresNet = new TcpProxy(0, this::postgresPort);
    this.kafkaNet = new TcpProxy(0, () -> kafkaPort);
    this.collectors = new TcpProxy(0, () -> next("ingestion"));
    this.gateways = new TcpProxy(0, () -> next("gateway"));
    ProcessesSettings wanted =
        ProcessesSettings.of(old(), data)
            .withKafka(kafkaPort, kafkaNet.port())
            .withEnvironment("TRIBUTARY_KAFKA_BOOTSTRAP", "127.0.0.1:" + kafkaNet.port())
            .withEnvironment("TRIBUTARY_PUBLIC_URL", "http://127.0.0.1:" + gateways.port())
            .withEnvironment(
                "TRIBUTARY_DATABASE_URL",
                "jdbc:postgresql://127.0.0.1:" + postgresNet.port() + "/tributary");
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      wanted = wanted.withEnvironment(setting.getKey(), setting.getValue());
    }
    this.postgresVolume = volume(Fault.FILL_POSTGRES, data.resolve("postgres"));
    this.kafkaVolume = volume(Fault.FILL_KAFKA, data.resolve("kafka"));
    try {
      this.processes = SeparateProcesses.start(wanted);
    } catch (RuntimeException e) {
      closeVolumes();
      throw e;
    }
  }

  /** Data lies on a volume of its own only where that is to be filled. */
  private Optional<Volume> volume(Fault fault, Path place) throws IOException {
    return options.faults().contains(fault) ? Volume.at(place) : Optional.empty();
  }

  /** Where Postgres' data lies. */
  Volume postgresVolume() {
    return postgresVolume.orElseThrow();
  }

  /** Where Kafka's data lies. */
  Volume kafkaVolume() {
    return kafkaVolume.orElseThrow();
  }

  /**
   * Starts a program again if it gave up, as its operator would.
   *
   * @return when the fault was over
   */
  long healed(Program program) throws InterruptedException {
    long over = System.nanoTime();
    // What is about to end gets the time to do so.
    TimeUnit.SECONDS.sleep(2);
    if (!program.isAlive()) {
      program.start();
    }
    return over;
  }

  /** Without an old version it is this one, at another place. */
  private Path old() {
    return options.old().orElse(options.root());
  }

  /** The network before Postgres. */
  TcpProxy postgresNet() {
    return postgresNet;
  }

  /** The network before Kafka. */
  TcpProxy kafkaNet() {
    return kafkaNet;
  }

  /** The processes. */
  SeparateProcesses processes() {
    return processes;
  }

  /**
   * From now on starts are those of this version, or, the next time, of the old one again.
   *
   * @return in which order services are replaced; the way back is the reverse
   */
  List<String> upgrade() {
    upgraded = !upgraded;
    processes.install(upgraded ? options.root() : old());
    List<String> order = upgraded ? UPGRADE_ORDER : UPGRADE_ORDER.reversed();
    return order.stream().filter(options.services()::contains).toList();
  }

  /**
   * What each instance of a service has to do, once none of them is idle: partitions to read, and
   * new connections where the service has a door.
   */
  String shares(String service) throws InterruptedException {
    List<String> names = processes.instances(service).stream().map(Program::name).toList();
    names.forEach(connections::remove);
    try (KafkaClients clients = Topic.connect(processes.kafkaBootstrap())) {
      return shares(service, names, clients);
    }
  }

  private String shares(String service, List<String> names, KafkaClients clients)
      throws InterruptedException {
    long end = System.nanoTime() + SHARE_LIMIT.toNanos();
    while (true) {
      Map<String, Integer> partitions =
          service.equals("gateway") ? Map.of() : Topic.partitions(clients, names);
      Map<String, Integer> visits = new TreeMap<>(connections);
      visits.keySet().retainAll(names);
      boolean read = service.equals("gateway") || partitions.keySet().containsAll(names);
      boolean visited =
          !List.of("gateway", "ingestion").contains(service) || visits.keySet().containsAll(names);
      String shares = service + ": partitions " + partitions + ", connections " + visits;
      if (read && visited) {
        return shares;
      }
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            names + " don't share the work after " + SHARE_LIMIT.toSeconds() + " s: " + shares);
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  /** A connection with an instance that takes it, each in turn. */
  private Socket next(String service) throws IOException {
    List<JavaProgram> instances = new ArrayList<>(processes.instances(service));
    Collections.rotate(instances, turn.incrementAndGet());
    IOException refused = new IOException("no " + service + " runs");
    for (JavaProgram instance : instances) {
      URI door =
          URI.create(service.equals("gateway") ? processes.apiUrl() : processes.collectorUrl());
      try {
        Socket socket = new Socket(instance.address(), door.getPort());
        connections.merge(instance.name(), 1, Integer::sum);
        return socket;
      } catch (IOException e) {
        refused = e;
      }
    }
    throw refused;
  }

  /** The port that Postgres itself wrote down. */
  private int postgresPort() {
    try {
      Path file = data.resolve("postgres/data/postmaster.pid");
      return Integer.parseInt(Files.readAllLines(file).get(3).strip());
    } catch (IOException | IndexOutOfBoundsException e) {
      return 1; // it isn't there: nobody listens at this port either
    }
  }

  @Override
  public Target target() {
    return new Target(
        "http://127.0.0.1:" + collectors.port(),
        "http://127.0.0.1:" + gateways.port(),
        processes.writeKey(),
        processes.apiToken(),
        processes.kafkaBootstrap(),
        "jdbc:postgresql://127.0.0.1:" + processes.postgres().port() + "/tributary",
        processes.secret("TRIBUTARY_DATABASE_PASSWORD"));
  }

  @Override
  public boolean allows(Fault fault) {
    return switch (fault) {
      case FILL_POSTGRES -> postgresVolume.isPresent();
      case FILL_KAFKA -> kafkaVolume.isPresent();
      default -> true;
    };
  }

  @Override
  public long postmaster() {
    return processes.postgres().pid();
  }

  @Override
  public void healPostgres() {
    processes.postgres().start();
  }

  @Override
  public List<Path> logs() {
    return processes.programs().stream().map(Program::log).filter(Files::exists).toList();
  }

  @Override
  public void close() throws IOException {
    processes.close();
    for (TcpProxy net : List.of(collectors, gateways, postgresNet, kafkaNet)) {
      net.close();
    }
    closeVolumes();
  }

  private void closeVolumes() throws IOException {
    for (Optional<Volume> volume : List.of(postgresVolume, kafkaVolume)) {
      if (volume.isPresent()) {
        volume.get().close();
      }
    }
  }
}
