package io.tributary.stream;

import io.tributary.event.Ids;
import io.tributary.event.Topics;
import io.tributary.tls.KafkaTls;
import io.tributary.trace.Traces;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;

/**
 * The only place that makes Kafka clients. The defaults of kafka-clients lose data ({@code
 * auto.offset.reset=latest}, automatic commits, {@code read_uncommitted}) or hang (60 s of
 * blocking); here each of them is set once.
 */
public final class KafkaClients implements AutoCloseable {
  private static final int TRANSACTION_TIMEOUT_MS = 10_000;

  /** A transaction ends by its time-out, for which Kafka looks every ten seconds, or before. */
  static final Duration NO_TRANSACTION_LASTS = Duration.ofMillis(TRANSACTION_TIMEOUT_MS + 15_000);

  /** Ends the client ids of this process' consumers, by which those of a dead one are known. */
  private static final String PROCESS = "-" + Ids.create("run");

  private final KafkaSettings settings;
  private final KafkaTls tls;
  private final Traces traces;
  private final Admin admin;

  /** Clients of a Kafka that is connected to plainly, with records that nobody follows. */
  public KafkaClients(KafkaSettings settings) {
    this(settings, KafkaTls.OFF, Traces.OFF);
  }

  /** Makes the clients' maker; connects lazily. */
  public KafkaClients(KafkaSettings settings, KafkaTls tls, Traces traces) {
    this.settings = settings;
    this.tls = tls;
    this.traces = traces;
    Map<String, Object> config = common("admin");
    config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
    config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
    this.admin = Admin.create(config);
  }

  /** What it was made with. */
  public KafkaSettings settings() {
    return settings;
  }

  /** How the records that its clients carry are followed. */
  public Traces traces() {
    return traces;
  }

  /** Shared; closed with this object. */
  public Admin admin() {
    return admin;
  }

  /** Whether a consumer with this client id was made here, in this process. */
  public static boolean isOurs(String clientId) {
    return clientId.endsWith(PROCESS);
  }

  /**
   * A consumer of committed records only that never commits by itself and never resets a position
   * by itself.
   */
  public Consumer<byte[], byte[]> consumer(String group, String clientId, int maxRecords) {
    return newConsumer(consumerConfig(group, clientId, maxRecords));
  }

  /**
   * The same for one of many that read at their own pace: it holds little of what lies before it.
   */
  Consumer<byte[], byte[]> reader(String clientId, int maxRecords) {
    Map<String, Object> config = consumerConfig("reader." + clientId, clientId, maxRecords);
    config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 128 << 10);
    config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 1 << 20);
    return newConsumer(config);
  }

  private static Consumer<byte[], byte[]> newConsumer(Map<String, Object> config) {
    return new DefaultKafkaConsumerFactory<>(
            config, new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .createConsumer();
  }

  private Map<String, Object> consumerConfig(String group, String clientId, int maxRecords) {
    Map<String, Object> config = common(clientId + PROCESS);
    config.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, maxRecords);
    // Also how long a group waits at most for a member that should join again and doesn't.
    config.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, 60_000);
    config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10_000);
    config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 2_000);
    config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 500);
    config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 2 << 20);
    config.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        List.of(CooperativeStickyAssignor.class.getName()));
    return config;
  }

  /**
   * A producer that is done with a record, well or badly, within 1.5 s, so that a collector can
   * answer 503 within 2 s. The caller closes it.
   */
  public Producer<byte[], byte[]> producer(String clientId) {
    Map<String, Object> config = producerConfig(clientId);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 1_000);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 1_200);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 1_500);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L << 20);
    return newProducer(config);
  }

  /**
   * A producer for transactions of about 10 s at most; {@code initTransactions} is left to the
   * caller, who also closes it.
   */
  public Producer<byte[], byte[]> transactionalProducer(String transactionalId) {
    Map<String, Object> config = producerConfig(transactionalId);
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MS);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 8_000);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    return newProducer(config);
  }

  private static Producer<byte[], byte[]> newProducer(Map<String, Object> config) {
    // Not spring-kafka's factory: it caches and resets transactional producers, but here whoever
    // asks owns the life of one.
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private Map<String, Object> producerConfig(String clientId) {
    Map<String, Object> config = common(clientId);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 5);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 4 << 20);
    return config;
  }

  private Map<String, Object> common(String clientId) {
    Map<String, Object> config = tls.settings();
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
    config.put(CommonClientConfigs.CLIENT_ID_CONFIG, settings.service() + "-" + clientId);
    config.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
    config.put(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, 100);
    config.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000);
    config.put("auto.include.jmx.reporter", false);
    config.put(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, List.of());
    return config;
  }

  /**
   * Creates the topics that are missing, never trimmed by age, and checks that the brokers keep
   * transactions apart.
   */
  public void ensureTopics() {
    ensureTopics(Topics.ALL);
  }

  /** Creates those of the given topics that are missing. */
  public void ensureTopics(List<String> topics) {
    List<NewTopic> wanted =
        topics.stream()
            .map(name ->
                new NewTopic(name, settings.partitions(), (short) settings.replication())
                    .configs(
                        Map.of(
                            TopicConfig.RETENTION_MS_CONFIG, "-1",
                            TopicConfig.RETENTION_BYTES_CONFIG, "-1",
                            TopicConfig.CLEANUP_POLICY_CONFIG, "delete",
                            TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(4 << 20),
                            TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
                                String.valueOf(settings.replication() > 2 ? 2 : 1))))
            .toList();
    admin.createTopics(wanted).values().forEach((name, done) -> createdOrThere(name, done));
    requireTransactionVersion();
  }

  private static void createdOrThere(
      String name, org.apache.kafka.common.KafkaFuture<Void> creation) {
    try {
      creation.get(15, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new IllegalStateException("creating topic " + name, e);
      }
    } catch (TimeoutException e) {
      throw new IllegalStateException("creating topic " + name, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while creating topic " + name, e);
    }
  }

  private void requireTransactionVersion() {
    short version =
        Await.result("reading the brokers' features", admin.describeFeatures().featureMetadata())
            .finalizedFeatures()
            .entrySet()
            .stream()
            .filter(feature -> feature.getKey().equals("transaction.version"))
            .map(feature -> feature.getValue().maxVersionLevel())
            .findFirst()
            .orElse((short) 0);
    if (version < 2) {
      throw new IllegalStateException(
          "Kafka's feature transaction.version is "
              + version
              + ", but 2 is needed: older transactions can commit the wrong one. Upgrade the brokers to 4.0 or later and run"
              + " kafka-features.sh upgrade --release-version 4.2");
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(2));
  }
}
