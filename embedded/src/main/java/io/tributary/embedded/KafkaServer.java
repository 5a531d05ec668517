package io.tributary.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.FeatureMetadata;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Kafka node of our own, broker and controller in one, on 127.0.0.1 with a persistent
 * directory.
 */
public final class KafkaServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(KafkaServer.class);
  private static final String TRANSACTION_VERSION = "transaction.version";

  /** Older protocols can commit a wrong transaction after a producer's time-out. */
  private static final short REQUIRED_TRANSACTION_VERSION = 2;

  private static final int START_ATTEMPTS = 3;
  private static final Duration FORGET_INTERVAL = Duration.ofMillis(500);
  private static final Duration FORGET_TIMEOUT = Duration.ofSeconds(5);

  private final KafkaRaftServer server;
  private final Runnable onFailure;
  private final int port;

  private KafkaServer(KafkaRaftServer server, Runnable onFailure, int port) {
    this.server = server;
    this.onFailure = onFailure;
    this.port = port;
  }

  /** Formats an empty directory, starts the node and returns once it serves clients. */
  public static KafkaServer start(KafkaSettings settings) {
    Path directory = settings.directory().toAbsolutePath().normalize();
    try {
      Files.createDirectories(directory);
      format(directory);
    } catch (Exception e) { // Formatter.run declares Exception
      throw new EmbeddedServerException(
          "Kafka's directory " + directory + " can't be set up: " + e, e);
    }
    RuntimeException last = new EmbeddedServerException("Kafka didn't start");
    for (int attempt = 0; attempt < START_ATTEMPTS; attempt++) {
      int[] ports = ports(settings);
      try {
        return launch(settings, directory, ports);
      } catch (RuntimeException e) {
        last = e;
        if (settings.port() != 0 || Ports.isFree("127.0.0.1", ports[0])) {
          break;
        }
      }
    }
    throw new EmbeddedServerException(
        "Kafka didn't start in " + directory + ": " + last.getMessage(), last);
  }

  private static int[] ports(KafkaSettings settings) {
    if (settings.port() == 0) {
      return Ports.free(2);
    }
    if (!Ports.isFree("127.0.0.1", settings.port())) {
      throw new EmbeddedServerException(
          "Port "
              + settings.port()
              + " for the embedded Kafka is taken. Choose another with TRIBUTARY_KAFKA_PORT (0"
              + " = any free one).");
    }
    int[] others = Ports.free(2);
    return new int[] {settings.port(), others[0] == settings.port() ? others[1] : others[0]};
  }

  private static KafkaServer launch(KafkaSettings settings, Path directory, int[] ports) {
    Properties properties = KafkaConfiguration.of(settings, directory, ports[0], ports[1]);
    KafkaExit.add(settings.onFailure());
    KafkaRaftServer server =
        new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
    try {
      server.startup();
      KafkaServer started = new KafkaServer(server, settings.onFailure(), ports[0]);
      started.requireTransactionVersion(settings.startTimeout());
      log.info("kafka started port={}", ports[0]);
      return started;
    } catch (RuntimeException e) {
      server.shutdown();
      KafkaExit.remove(settings.onFailure());
      throw e;
    }
  }

  private static void format(Path directory) throws Exception {
    Path log = directory.resolve("log");
    if (Files.exists(log.resolve("meta.properties"))) {
      return;
    }
    Trees.delete(log); // an earlier format that was cut off; meta.properties is written last
    Files.createDirectories(log);
    new Formatter()
        .setPrintStream(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .setNodeId(KafkaConfiguration.NODE_ID)
        .setClusterId(clusterId(directory))
        .setDirectories(List.of(log.toString()))
        .setMetadataLogDirectory(log.toString())
        .setControllerListenerName(KafkaConfiguration.CONTROLLER)
        .setReleaseVersion(MetadataVersion.latestProduction())
        .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
        .setFeatureLevel(TRANSACTION_VERSION, REQUIRED_TRANSACTION_VERSION)
        .setFeatureLevel("kraft.version", (short) 0)
        .run();
  }

  private static String clusterId(Path directory) throws IOException {
    Path file = directory.resolve("cluster-id");
    if (!Files.exists(file)) {
      Secret.write(file, Uuid.randomUuid().toString());
    }
    return Files.readString(file).strip();
  }

  private void requireTransactionVersion(Duration timeout) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
      FeatureMetadata features =
          admin.describeFeatures().featureMetadata().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      FinalizedVersionRange range = features.finalizedFeatures().get(TRANSACTION_VERSION);
      if (range == null || range.maxVersionLevel() < REQUIRED_TRANSACTION_VERSION) {
        throw new EmbeddedServerException(
            "Kafka has "
                + TRANSACTION_VERSION
                + " "
                + range
                + ", "
                + REQUIRED_TRANSACTION_VERSION
                + " is needed.");
      }
      keepCoordinatorsSmall(admin, timeout);
    } catch (ExecutionException | TimeoutException e) {
      throw new EmbeddedServerException(
          "Kafka doesn't answer on " + bootstrapServers() + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedServerException("Interrupted while Kafka started", e);
    }
  }

  /**
   * A node that was killed reads the topics of its coordinators twice: as the leader that it was,
   * and again when it is one anew. Should it still read when the second time begins, Kafka (4.2.1,
   * CoordinatorRuntime) takes the end of the first reading for that of the second, finds its state
   * wrong at the next write, reads anew, and so on without end. So there must be little to read.
   */
  private static void keepCoordinatorsSmall(Admin admin, Duration timeout)
      throws ExecutionException, TimeoutException, InterruptedException {
    Set<String> present =
        admin
            .listTopics(new ListTopicsOptions().listInternal(true))
            .names()
            .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    List<AlterConfigOp> changes =
        KafkaConfiguration.SMALL.entrySet().stream()
            .map(setting ->
                new AlterConfigOp(
                    new ConfigEntry(setting.getKey(), setting.getValue()),
                    AlterConfigOp.OpType.SET))
            .toList();
    List<NewTopic> missing = new ArrayList<>();
    Map<ConfigResource, Collection<AlterConfigOp>> there = new HashMap<>();
    KafkaConfiguration.COORDINATOR_TOPICS.forEach((topic, partitions) -> {
      if (present.contains(topic)) {
        there.put(new ConfigResource(ConfigResource.Type.TOPIC, topic), changes);
      } else {
        missing.add(new NewTopic(topic, partitions, (short) 1).configs(KafkaConfiguration.SMALL));
      }
    });
    admin.createTopics(missing).all().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    admin.incrementalAlterConfigs(there).all().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Removes the members of these consumer groups that died with the process before, for as long as
   * the duration says: the coordinator of a group may show them only seconds after its first
   * answers. For a node whose clients all live in the process that starts it; without it the groups
   * would wait for the end of the dead's sessions, sometimes for that of the rebalance. Those who
   * live are put out with the dead, since Kafka takes either all or names that they don't have, and
   * join again at once. What fails is tried again and in the end left to those ends.
   *
   * @param living whether a member with this client id lives
   */
  public void forgetMembers(
      Collection<String> groups, Predicate<String> living, Duration duration) {
    Map<String, Object> config =
        Map.of(
            "bootstrap.servers",
            bootstrapServers(),
            "client.id",
            "forget-members",
            "request.timeout.ms",
            (int) FORGET_TIMEOUT.toMillis(),
            "default.api.timeout.ms",
            (int) FORGET_TIMEOUT.toMillis());
    long end = System.nanoTime() + duration.toNanos();
    try (Admin admin = Admin.create(config)) {
      do {
        Map<String, KafkaFuture<ConsumerGroupDescription>> described =
            admin.describeConsumerGroups(groups).describedGroups();
        for (Map.Entry<String, KafkaFuture<ConsumerGroupDescription>> each : described.entrySet()) {
          try {
            forgetMembers(admin, each.getKey(), each.getValue().get(), living);
          } catch (ExecutionException e) {
            // One that nobody has read for yet isn't there; the others are asked again.
            log.debug("kafka action=forget_members group={}", each.getKey(), e.getCause());
          }
        }
        Thread.sleep(FORGET_INTERVAL);
      } while (System.nanoTime() < end);
    } catch (KafkaException e) {
      log.warn("kafka action=forget_members outcome=failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void forgetMembers(
      Admin admin, String group, ConsumerGroupDescription described, Predicate<String> living)
      throws InterruptedException, ExecutionException {
    long dead =
        described.members().stream().filter(member -> !living.test(member.clientId())).count();
    if (dead > 0) {
      admin
          .removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions())
          .all()
          .get();
      log.info(
          "kafka action=forget_members group={} dead={} members={}",
          group,
          dead,
          described.members().size());
    }
  }

  /** For {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /** The broker's port on 127.0.0.1. */
  public int port() {
    return port;
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
    KafkaExit.remove(onFailure);
  }
}
