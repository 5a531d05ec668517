package io.tributary.standalone;

import io.tributary.embedded.DataDirectory;
import io.tributary.embedded.EmbeddedServerException;
import io.tributary.embedded.Ports;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code tributary start}: brings everything up, says how to reach it, and stays until it's told to
 * stop.
 */
final class Start {

  private static final Duration HEAL_INTERVAL = Duration.ofSeconds(2);

  /**
   * Set for a run whose only purpose is to show the JVM which classes a start loads: it ends when
   * ready.
   */
  private static final String TRAINING = "tributary.training";

  private final Options options;
  private final List<ServiceUnit> units;
  private final PrintStream out;
  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicInteger status = new AtomicInteger();
  private final ShutdownOrder shutdown;

  Start(Options options, List<ServiceUnit> units, PrintStream out) {
    this.options = options;
    this.units = units;
    this.out = out;
    this.shutdown = new ShutdownOrder(out);
  }

  /** Returns the exit status once something ended the run. */
  int run() {
    try {
      hold();
      Logs.toFile(options.data());
      Map<String, String> settings = settings();
      Runtime.getRuntime().addShutdownHook(new Thread(shutdown::run, "shutdown"));
      Backing backing = start(settings);
      if (!Boolean.getBoolean(TRAINING)) {
        stay(backing);
      }
      return status.get();
    } catch (RefusedException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      if (shutdown.begun()) {
        return 1; // stopped while it started: whatever broke then isn't news
      }
      LoggerFactory.getLogger(Start.class).error("start failed", e);
      throw new RefusedException(StartFailures.sentence(e, options));
    }
  }

  private void hold() throws IOException {
    DataDirectory directory;
    try {
      directory = DataDirectory.open(options.data());
    } catch (EmbeddedServerException e) {
      throw new RefusedException(String.valueOf(e.getMessage()));
    }
    shutdown.last(directory);
    Restore.requireComplete(options.data());
    directory.noteHolder(ProcessHandle.current().pid());
    Connection.remove(options.data());
  }

  private Map<String, String> settings() throws IOException {
    int collector = port("--collector-port", options.collectorPort());
    int api = port("--api-port", options.apiPort());
    if (collector == api) {
      throw new RefusedException(
          "Port "
              + api
              + " is given to both the collector and the API. Change --collector-port or --api-port.");
    }
    Map<String, String> all = new LinkedHashMap<>();
    all.put(Options.COLLECTOR_PORT, String.valueOf(collector));
    all.put(Options.API_PORT, String.valueOf(api));
    all.put("TRIBUTARY_COLLECTOR_URL", "http://127.0.0.1:" + collector);
    all.put(
        "TRIBUTARY_PUBLIC_URL",
        options.variable("TRIBUTARY_PUBLIC_URL").orElse("http://localhost:" + api));
    all.put("spring.lifecycle.timeout-per-shutdown-phase", "3s");
    all.putAll(Keys.in(options.data()).settings());
    options.variable(Keys.ENCRYPTION_KEY).ifPresent(own -> all.put(Keys.ENCRYPTION_KEY, own));
    return all;
  }

  private static int port(String option, int wanted) {
    if (wanted == 0) {
      return Ports.free();
    }
    if (!Ports.isFree("0.0.0.0", wanted)) {
      throw new RefusedException(
          "Port " + wanted + " is taken by another program. Choose another with " + option + " N.");
    }
    return wanted;
  }

  private Backing start(Map<String, String> settings) throws IOException {
    out.println("Starting Postgres and Kafka in " + options.data() + " …");
    Backing backing = Backing.start(options, this::kafkaGaveUp);
    shutdown.before(backing);
    backing.forgetMembers();
    settings.putAll(backing.settings());
    out.println("Starting the services …");
    shutdown.before(Services.start(units, settings, backing::awaitKafka));
    Connection connection = connection(settings);
    connection.write(options.data());
    shutdown.before(() -> Connection.remove(options.data()));
    Welcome.print(out, connection, options.data(), sinceLaunch());
    return backing;
  }

  private Connection connection(Map<String, String> settings) throws IOException {
    Keys keys = Keys.in(options.data());
    return new Connection(
        "http://localhost:" + settings.get(Options.COLLECTOR_PORT),
        "http://localhost:" + settings.get(Options.API_PORT),
        keys.writeKey(),
        keys.apiToken(),
        ProcessHandle.current().pid(),
        settings.getOrDefault(Backing.KAFKA, options.variable(Backing.KAFKA).orElse("")),
        settings.getOrDefault(
            Backing.DATABASE_URL, options.variable(Backing.DATABASE_URL).orElse("")));
  }

  /** Looks after the embedded Postgres until the end comes. */
  private void stay(Backing backing) {
    Logger log = LoggerFactory.getLogger(Start.class);
    try {
      while (!end.await(HEAL_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          backing.heal();
        } catch (RuntimeException e) {
          log.error("postgres couldn't be started again; the next attempt follows", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void kafkaGaveUp() {
    status.set(1);
    out.println(
        "Kafka gave up, so Tributary stops. Look at the disk of "
            + options.data()
            + " and at "
            + Logs.file(options.data())
            + ", then start again.");
    end.countDown();
  }

  private static Duration sinceLaunch() {
    Instant launch = Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());
    return Duration.between(launch, Instant.now());
  }
}
