package io.tributary.stream;

import io.tributary.tls.KafkaTls;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

/**
 * Lets a service that runs by itself wait at its start, without end, until Postgres and Kafka
 * answer. A process that died instead would cost a start of the JVM per attempt, and lose the sight
 * of why. What waiting can't cure, such as a wrong password, ends the start at once.
 */
public final class BackingServers
    implements ApplicationContextInitializer<ConfigurableApplicationContext> {
  private static final Logger log = LoggerFactory.getLogger(BackingServers.class);
  private static final int ANSWER_SECONDS = 5;
  private final Duration first;
  private final Duration longest;

  /** Asks again after a quarter of a second, then ever more slowly, up to each five seconds. */
  public BackingServers() {
    this(Duration.ofMillis(250), Duration.ofSeconds(5));
  }

  BackingServers(Duration first, Duration longest) {
    this.first = first;
    this.longest = longest;
  }

  @Override
  public void initialize(ConfigurableApplicationContext context) {
    Environment settings = context.getEnvironment();
    String database = settings.getRequiredProperty("spring.datasource.url");
    // What follows the address are parameters, and could be a password.
    await("postgres", database.split("\\?", 2)[0], () -> askPostgres(settings, database));
    String kafka = settings.resolvePlaceholders("${TRIBUTARY_KAFKA_BOOTSTRAP:localhost:9092}");
    KafkaTls tls = KafkaTls.early(settings);
    await("kafka", kafka, () -> askKafka(kafka, tls));
  }

  /** Says why the server can't be used yet; empty when it can. */
  private interface Question {
    String ask();
  }

  private void await(String server, String address, Question question) {
    long began = System.nanoTime();
    long pause = first.toMillis();
    for (int attempt = 1; ; attempt++) {
      String reason = question.ask();
      if (reason.isEmpty()) {
        if (attempt > 1) {
          log.info("start found={} after_ms={}", server, (System.nanoTime() - began) / 1_000_000);
        }
        return;
      }
      log.warn(
          "start waits for={} address={} attempt={} again_in_ms={} reason={}",
          server,
          address,
          attempt,
          pause,
          reason);
      pause(pause);
      pause = Math.min(pause * 2, longest.toMillis());
    }
  }

  private static String askPostgres(Environment settings, String url) {
    Properties login = new Properties();
    login.setProperty("user", settings.getProperty("spring.datasource.username", ""));
    login.setProperty("password", settings.getProperty("spring.datasource.password", ""));
    login.setProperty("sslmode", settings.resolvePlaceholders("${TRIBUTARY_TLS_DATABASE:prefer}"));
    login.setProperty("sslrootcert", settings.resolvePlaceholders("${TRIBUTARY_TLS_CA:}"));
    login.setProperty("loginTimeout", String.valueOf(ANSWER_SECONDS));
    try (Connection connection = DriverManager.getConnection(url, login)) {
      return connection.isValid(ANSWER_SECONDS) ? "" : "no answer";
    } catch (SQLException e) {
      String state = String.valueOf(e.getSQLState());
      // Not there, starting or stopping, or full.
      if (state.startsWith("08") || state.startsWith("57P") || state.equals("53300")) {
        return "SQLState "
            + state
            + (e.getCause() == null ? "" : " " + e.getCause().getClass().getSimpleName());
      }
      throw new IllegalStateException(
          "Postgres at "
              + url.split("\\?", 2)[0]
              + " refuses this service: SQLState "
              + state
              + ". Look at TRIBUTARY_DATABASE_URL, _USER and _PASSWORD.",
          e);
    }
  }

  private static String askKafka(String bootstrap, KafkaTls tls) {
    Map<String, Object> config = tls.settings();
    config.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    config.put(AdminClientConfig.CLIENT_ID_CONFIG, "start");
    config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_SECONDS * 1_000);
    config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_SECONDS * 1_000);
    try (Admin admin = Admin.create(config)) {
      Await.result("asking Kafka who is there", admin.describeCluster().nodes());
      return "";
    } catch (KafkaException e) {
      return (e.getCause() == null ? e : e.getCause()).getClass().getSimpleName();
    }
  }

  private static void pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a server", e);
    }
  }
}
