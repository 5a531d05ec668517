package io.tributary.embedded;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.internals.Topic;

/** The node's settings: one node, small in memory and threads, and it forgets nothing by itself. */
final class KafkaConfiguration {

  static final int NODE_ID = 1;
  static final String CONTROLLER = "CONTROLLER";

  /** So nearly all of a session may be a stall before the node loses its partitions. */
  private static final int HEARTBEATS_PER_SESSION = 10;

  /** Where groups keep their offsets, and transactions their state, with how many partitions. */
  static final Map<String, Integer> COORDINATOR_TOPICS =
      Map.of(Topic.GROUP_METADATA_TOPIC_NAME, 4, Topic.TRANSACTION_STATE_TOPIC_NAME, 2);

  /**
   * What keeps these topics small, as each start reads them whole. Only what isn't written to any
   * more is packed, so parts end soon (a megabyte is the least that Kafka takes), and are packed
   * soon; the ends of transactions go after a minute instead of a day.
   */
  static final Map<String, String> SMALL =
      Map.of(
          "cleanup.policy", "compact",
          "segment.bytes", String.valueOf(1 << 20),
          "segment.ms", "30000",
          "min.cleanable.dirty.ratio", "0.1",
          "delete.retention.ms", "60000");

  private KafkaConfiguration() {}

  static Properties of(KafkaSettings settings, Path directory, int port, int controllerPort) {
    Properties all = new Properties();
    node(all, settings.sessionTimeout(), port, controllerPort);
    int advertised = settings.advertisedPort() == 0 ? port : settings.advertisedPort();
    all.put("advertised.listeners", "BROKER://127.0.0.1:" + advertised);
    retention(all);
    size(all);
    tls(all, settings.tls());
    all.put("log.dirs", directory.resolve("log").toString());
    return all;
  }

  private static void node(Properties all, Duration session, int port, int controllerPort) {
    all.put("process.roles", "broker,controller");
    all.put("node.id", String.valueOf(NODE_ID));
    all.put(
        "listeners",
        "BROKER://127.0.0.1:" + port + "," + CONTROLLER + "://127.0.0.1:" + controllerPort);
    all.put("listener.security.protocol.map", "BROKER:PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
    all.put("inter.broker.listener.name", "BROKER");
    all.put("controller.listener.names", CONTROLLER);
    all.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
    // A restart after a kill waits out the dead broker's session before it may register again.
    all.put("broker.session.timeout.ms", String.valueOf(session.toMillis()));
    all.put(
        "broker.heartbeat.interval.ms",
        String.valueOf(session.toMillis() / HEARTBEATS_PER_SESSION));
    all.put("controller.quorum.election.timeout.ms", "200");
    all.put("controller.quorum.election.backoff.max.ms", "200");
    all.put("auto.create.topics.enable", "false");
    all.put("group.initial.rebalance.delay.ms", "0");
    all.put("controlled.shutdown.enable", "true");
  }

  private static void tls(Properties all, KafkaSettings.Tls tls) {
    if (tls.port() != 0) {
      String address = ",TLS://127.0.0.1:" + tls.port();
      all.put("listeners", all.get("listeners") + address);
      all.put("advertised.listeners", all.get("advertised.listeners") + address);
      all.put(
          "listener.security.protocol.map", all.get("listener.security.protocol.map") + ",TLS:SSL");
      tls.settings().forEach((name, value) -> all.put("listener.name.tls." + name, value));
    }
  }

  /** Nothing goes by age: neither a record that nobody has read yet nor the offset of who reads. */
  private static void retention(Properties all) {
    all.put("log.retention.ms", "-1");
    all.put("log.retention.bytes", "-1");
    all.put("offsets.retention.minutes", String.valueOf(Integer.MAX_VALUE));
  }

  private static void size(Properties all) {
    all.put("default.replication.factor", "1");
    all.put("min.insync.replicas", "1");
    all.put("offsets.topic.replication.factor", "1");
    all.put(
        "offsets.topic.num.partitions",
        String.valueOf(COORDINATOR_TOPICS.get(Topic.GROUP_METADATA_TOPIC_NAME)));
    all.put("transaction.state.log.replication.factor", "1");
    all.put("transaction.state.log.min.isr", "1");
    all.put(
        "transaction.state.log.num.partitions",
        String.valueOf(COORDINATOR_TOPICS.get(Topic.TRANSACTION_STATE_TOPIC_NAME)));
    all.put("share.coordinator.state.topic.replication.factor", "1");
    all.put("share.coordinator.state.topic.min.isr", "1");
    all.put("share.coordinator.state.topic.num.partitions", "1");
    all.put("log.segment.bytes", String.valueOf(128 << 20));
    all.put("metadata.log.segment.bytes", String.valueOf(16 << 20));
    all.put("num.network.threads", "2");
    all.put("num.io.threads", "4");
    all.put("background.threads", "2");
    all.put("num.recovery.threads.per.data.dir", "2");
    all.put("num.replica.fetchers", "1");
    all.put("log.cleaner.threads", "1");
    all.put("log.cleaner.dedupe.buffer.size", String.valueOf(4 << 20));
    all.put("log.cleaner.io.buffer.size", String.valueOf(128 << 10));
    all.put("queued.max.requests", "100");
  }
}
