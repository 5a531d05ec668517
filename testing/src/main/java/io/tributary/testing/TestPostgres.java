package io.tributary.testing;

import io.tributary.embedded.PostgresServer;
import io.tributary.embedded.PostgresSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * One Postgres 18 for all tests of this JVM: a container where a Docker engine answers, else the
 * embedded one.
 */
public final class TestPostgres {

  private static final String IMAGE = "postgres:18";
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private record Server(String address, String user, String password) {}

  /** Started by the first use, stopped with the JVM. */
  private static final class Shared {
    static final Server SERVER = TestServers.containers() ? container() : embedded();
  }

  private TestPostgres() {}

  /** A new, empty database, so that test classes don't see each other's rows. */
  public static TestDatabase freshDatabase() {
    Server server = Shared.SERVER;
    String name = "test_" + DATABASES.incrementAndGet();
    try (Connection connection =
            DriverManager.getConnection(
                server.address + "tributary", server.user, server.password);
        Statement statement = connection.createStatement()) {
      statement.execute("create database " + name);
    } catch (SQLException e) {
      throw new IllegalStateException("database " + name + " couldn't be created", e);
    }
    return new TestDatabase(server.address + name, server.user, server.password);
  }

  private static Server embedded() {
    PostgresServer server =
        PostgresServer.start(
            PostgresSettings.forTests(
                TestServers.directory().resolve("postgres"), TestServers.shared()));
    TestServers.onExit(server::close);
    return new Server(
        server.jdbcUrl().substring(0, server.jdbcUrl().lastIndexOf('/') + 1),
        server.user(),
        server.password());
  }

  @SuppressWarnings("resource") // lives as long as the JVM; Testcontainers removes it
  private static Server container() {
    PostgreSQLContainer container =
        new PostgreSQLContainer(IMAGE)
            .withDatabaseName("tributary")
            .withUsername("tributary")
            .withPassword("tributary")
            .withCommand("postgres", "-c", "fsync=off", "-c", "max_connections=200");
    container.start();
    return new Server(
        "jdbc:postgresql://" + container.getHost() + ":" + container.getMappedPort(5432) + "/",
        "tributary",
        "tributary");
  }
}
