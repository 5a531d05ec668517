package io.tributary.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.tributary.embedded.Ports;
import io.tributary.testing.TestKafka;
import io.tributary.testing.TestPostgres;
import jakarta.persistence.EntityManagerFactory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.ClassUtils;

/**
 * In one process every service sees the libraries of all, which wakes auto-configuration that
 * sleeps when the service runs by itself. Its context must hold the same beans all the same.
 */
class ContextParityTest {

  private static final Set<String> WITH_JPA = Set.of("ingestion", "segment", "campaign");
  private static final String OWN = "io.tributary.";
  private static final Map<String, ConfigurableApplicationContext> CONTEXTS =
      new ConcurrentHashMap<>();

  @SuppressWarnings("NullAway.Init")
  private static Services services;

  @BeforeAll
  static void start() {
    Map<String, String> settings = new HashMap<>(TestPostgres.freshDatabase().properties());
    TestKafka.forgetReaders();
    settings.put(Backing.KAFKA, TestKafka.bootstrapServers());
    settings.put("TRIBUTARY_PARTITIONS", "2");
    settings.put(Keys.ENCRYPTION_KEY, "a key for tests, and for nothing else");
    settings.put(Options.COLLECTOR_PORT, String.valueOf(Ports.free()));
    settings.put(Options.API_PORT, "0");
    services =
        Services.start(
            StandaloneApplication.units().stream().map(ContextParityTest::observed).toList(),
            settings);
  }

  @AfterAll
  static void stop() {
    services.close();
  }

  /** The unit as the launcher starts it, with its context noted. */
  private static ServiceUnit observed(ServiceUnit unit) {
    return new ServiceUnit(
        unit.name(),
        () ->
            unit.application()
                .get()
                .initializers((ConfigurableApplicationContext context) ->
                    CONTEXTS.put(unit.name(), context)));
  }

  static List<String> names() {
    return StandaloneApplication.units().stream().map(ServiceUnit::name).toList();
  }

  @ParameterizedTest
  @MethodSource("names")
  void aServiceHoldsItsOwnBeansAndNoneOfItsNeighbours(String name) {
    Set<String> packages = new TreeSet<>();
    for (String type : beanTypes(name)) {
      if (type.startsWith(OWN)) {
        packages.add(type.substring(OWN.length(), type.indexOf('.', OWN.length())));
      }
    }
    packages.retainAll(names());
    assertThat(packages).containsExactly(name);
  }

  @ParameterizedTest
  @MethodSource("names")
  void aServiceHasTheDatabaseBeansItHasByItself(String name) {
    int database = name.equals("gateway") ? 0 : 1;
    assertThat(count(name, DataSource.class)).isEqualTo(database);
    assertThat(count(name, Flyway.class)).isEqualTo(database);
    assertThat(count(name, EntityManagerFactory.class)).isEqualTo(WITH_JPA.contains(name) ? 1 : 0);
  }

  /**
   * A frozen or vanished process must not hold its locks, nor wait for a server that is no more.
   */
  @ParameterizedTest
  @MethodSource("withDatabase")
  void aConnectionOutlivesNeitherOfItsEndsForLong(String name) throws SQLException {
    HikariDataSource pool = context(name).getBean(HikariDataSource.class);
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      assertThat(show(statement, "idle_in_transaction_session_timeout")).isEqualTo("10s");
      assertThat(show(statement, "tcp_keepalives_idle")).isEqualTo("10");
      assertThat(show(statement, "tcp_user_timeout")).isEqualTo("20000");
      assertThat(connection.getNetworkTimeout()).isBetween(1, 300_000);
    }
    assertThat(pool.getDataSourceProperties())
        .containsEntry("ApplicationName", name)
        .containsEntry("tcpKeepAlive", "true");
  }

  static List<String> withDatabase() {
    return names().stream().filter(name -> !name.equals("gateway")).toList();
  }

  private static String show(Statement statement, String setting) throws SQLException {
    try (ResultSet found = statement.executeQuery("show " + setting)) {
      found.next();
      return found.getString(1);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void aServiceIsServedByServletsAndWakesNoLibraryOfItsNeighbours(String name) {
    assertThat(context(name)).isInstanceOf(ServletWebServerApplicationContext.class);
    assertThat(beanTypes(name))
        .isNotEmpty()
        .noneMatch(type -> type.startsWith("org.springframework.kafka."))
        .noneMatch(type -> type.startsWith("org.springframework.boot.kafka.autoconfigure."))
        .noneMatch(type -> type.startsWith("org.springframework.mail."));
    String gateway = "org.springframework.cloud.gateway.server.mvc.";
    if (name.equals("gateway")) {
      assertThat(beanTypes(name)).anyMatch(type -> type.startsWith(gateway));
    } else {
      assertThat(beanTypes(name)).noneMatch(type -> type.startsWith(gateway));
    }
  }

  private static ConfigurableApplicationContext context(String name) {
    return Objects.requireNonNull(CONTEXTS.get(name), name);
  }

  private static int count(String name, Class<?> type) {
    return context(name).getBeanNamesForType(type).length;
  }

  private static List<String> beanTypes(String name) {
    ConfigurableApplicationContext context = context(name);
    return Arrays.stream(context.getBeanDefinitionNames())
        .map(bean -> context.getType(bean, false))
        .filter(Objects::nonNull)
        .map(type -> ClassUtils.getUserClass(type).getName())
        .toList();
  }
}
