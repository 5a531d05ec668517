package io.tributary.standalone;

import io.tributary.embedded.KafkaServer;
import io.tributary.embedded.KafkaSettings;
import io.tributary.embedded.Ports;
import io.tributary.embedded.PostgresServer;
import io.tributary.embedded.PostgresSettings;
import io.tributary.stream.KafkaClients;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Postgres and Kafka: embedded, unless the environment names outside ones. */
final class Backing implements AutoCloseable {

  static final String KAFKA = "TRIBUTARY_KAFKA_BOOTSTRAP";
  static final String DATABASE_URL = "TRIBUTARY_DATABASE_URL";
  static final String DATABASE_USER = "TRIBUTARY_DATABASE_USER";
  static final String DATABASE_PASSWORD = "TRIBUTARY_DATABASE_PASSWORD";

  private static final Logger log = LoggerFactory.getLogger(Backing.class);

  /** The consumer groups of all stages. */
  private static final List<String> GROUPS =
      List.of(
          "identity", "profile", "segment", "campaign", "campaign-events", "ingestion-quarantine");

  private static final Duration FORGETTING = Duration.ofMinutes(1);

  private final Options options;

  /** Where Kafka listens, or will; empty when the environment names one. */
  private final String ownKafka;

  private final CompletableFuture<@Nullable KafkaServer> kafka;
  private volatile @Nullable PostgresServer postgres;

  /** Held while Postgres is started again or ended: a later start would have nobody to end it. */
  private final ReentrantLock life = new ReentrantLock();

  private boolean closed;

  private Backing(
      Options options,
      @Nullable PostgresServer postgres,
      String ownKafka,
      CompletableFuture<@Nullable KafkaServer> kafka) {
    this.options = options;
    this.postgres = postgres;
    this.ownKafka = ownKafka;
    this.kafka = kafka;
  }

  /**
   * Starts both at once and returns when Postgres is up, which takes a third of the time: for Kafka
   * see {@link #awaitKafka}. {@code onFailure} is told when the embedded Kafka gives up later.
   */
  static Backing start(Options options, Runnable onFailure) {
    boolean embedded = options.variable(KAFKA).isEmpty();
    int port = embedded ? kafkaPort(options) : 0;
    CompletableFuture<@Nullable KafkaServer> kafka =
        embedded
            ? CompletableFuture.supplyAsync(
                () -> kafka(options, port, onFailure),
                task -> Thread.ofPlatform().name("kafka-start").start(task))
            : CompletableFuture.completedFuture(null);
    try {
      return new Backing(options, postgres(options, 0), embedded ? "127.0.0.1:" + port : "", kafka);
    } catch (RuntimeException e) {
      close(started(kafka));
      throw e;
    }
  }

  private static int kafkaPort(Options options) {
    int wanted = options.portVariable("TRIBUTARY_KAFKA_PORT");
    return wanted == 0 ? Ports.free() : wanted;
  }

  /** Returns once Kafka serves clients; passes on why it couldn't start. */
  void awaitKafka() {
    try {
      kafka.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /** Kafka once its start is over; null when it failed or there is none of our own. */
  private static @Nullable KafkaServer started(CompletableFuture<@Nullable KafkaServer> kafka) {
    return kafka.handle((server, failure) -> server).join();
  }

  private static @Nullable PostgresServer postgres(Options options, int port) {
    if (options.variable(DATABASE_URL).isPresent()) {
      return null;
    }
    int wanted = port == 0 ? options.portVariable("TRIBUTARY_POSTGRES_PORT") : port;
    PostgresSettings settings =
        PostgresSettings.durable(options.data().resolve("postgres"), wanted);
    return PostgresServer.start(
        options
            .variable("TRIBUTARY_POSTGRES_SHARED_BUFFERS")
            .map(settings::withSharedBuffers)
            .orElse(settings));
  }

  private static KafkaServer kafka(Options options, int port, Runnable onFailure) {
    return KafkaServer.start(KafkaSettings.in(options.data().resolve("kafka"), port, onFailure));
  }

  /**
   * The settings by which the services find both; outside ones stand in the environment already.
   */
  Map<String, String> settings() {
    Map<String, String> all = new LinkedHashMap<>();
    if (!ownKafka.isEmpty()) {
      all.put(KAFKA, ownKafka);
    }
    PostgresServer ownPostgres = postgres;
    if (ownPostgres != null) {
      all.put(DATABASE_URL, ownPostgres.jdbcUrl());
      all.put(DATABASE_USER, ownPostgres.user());
      all.put(DATABASE_PASSWORD, ownPostgres.password());
    }
    return all;
  }

  /**
   * Begins to remove those who died with the process before from the groups of the embedded Kafka,
   * as soon as that is up, and goes on beside the services.
   */
  void forgetMembers() {
    if (!ownKafka.isEmpty()) {
      Thread.ofPlatform().name("forget-members").daemon().start(this::forgetTheDead);
    }
  }

  private void forgetTheDead() {
    KafkaServer server = started(kafka);
    if (server != null) {
      server.forgetMembers(GROUPS, KafkaClients::isOurs, FORGETTING);
    }
  }

  /** Starts the embedded Postgres again, on the same port, when somebody else ended it. */
  void heal() {
    life.lock();
    try {
      PostgresServer current = postgres;
      if (!closed && current != null && !current.isAlive()) {
        log.error("postgres ended unexpectedly pid={}, starting it again", current.pid());
        postgres = postgres(options, current.port());
      }
    } finally {
      life.unlock();
    }
  }

  @Override
  public void close() {
    close(started(kafka));
    life.lock();
    try {
      closed = true;
      close(postgres);
    } finally {
      life.unlock();
    }
  }

  private static void close(@Nullable AutoCloseable server) {
    try {
      if (server != null) {
        server.close();
      }
    } catch (Exception e) { // declared by AutoCloseable
      log.error("server didn't stop in order", e);
    }
  }
}
