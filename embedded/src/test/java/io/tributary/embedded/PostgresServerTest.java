package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresServerTest {

  @TempDir static Path directory;
  private static PostgresServer postgres;

  @BeforeAll
  static void start() {
    postgres = PostgresServer.start(PostgresSettings.durable(directory, 0));
  }

  @AfterAll
  static void stop() {
    postgres.close();
  }

  @Test
  void aCommitIsOnDiskBeforeItsAnswer() throws Exception {
    assertThat(Servers.show(postgres, "fsync")).isEqualTo("on");
    assertThat(Servers.show(postgres, "synchronous_commit")).isEqualTo("on");
    assertThat(Servers.show(postgres, "full_page_writes")).isEqualTo("on");
    assertThat(Servers.show(postgres, "data_checksums")).isEqualTo("on");
  }

  @Test
  void itListensOnLoopbackOnlyAndHasNoSocketFile() throws Exception {
    assertThat(Servers.show(postgres, "listen_addresses")).isEqualTo("127.0.0.1");
    try (var connection = postgres.superuser("postgres")) {
      assertThat(PostgresServer.show(connection, "unix_socket_directories")).isEmpty();
    }
  }

  @Test
  void nobodyGetsInWithoutThePassword() {
    assertThatThrownBy(
            () -> DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), "guessed"))
        .isInstanceOf(SQLException.class)
        .extracting(e -> ((SQLException) e).getSQLState())
        .isEqualTo("28P01");
    assertThatThrownBy(() ->
            DriverManager.getConnection(
                postgres.jdbcUrl().replace("/tributary", "/postgres"), "postgres", ""))
        .isInstanceOf(SQLException.class);
  }

  @Test
  void theServicesRoleIsNoSuperuser() throws Exception {
    try (var connection = Servers.connect(postgres);
        var rows =
            connection
                .createStatement()
                .executeQuery("select rolsuper from pg_roles where rolname = current_user")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getBoolean(1)).isFalse();
    }
  }

  @Test
  void passwordsAndDataAreForTheirOwnerAlone() throws Exception {
    assertThat(mode("password")).isEqualTo("rw-------");
    assertThat(mode("superuser-password")).isEqualTo("rw-------");
    assertThat(mode("data")).isEqualTo("rwx------");
  }

  @Test
  void aStatementThatFailsLeavesNoDataInTheLog() throws Exception {
    try (var connection = Servers.connect(postgres)) {
      assertThatThrownBy(
              () -> connection.createStatement().execute("select 'ada@example.com'::int"))
          .isInstanceOf(SQLException.class);
      connection.createStatement().execute("create temp table t (email text primary key)");
      connection.createStatement().execute("insert into t values ('grace@example.com')");
      assertThatThrownBy(() ->
              connection.createStatement().execute("insert into t values ('grace@example.com')"))
          .isInstanceOf(SQLException.class);
    }
    assertThat(Files.readString(directory.resolve("postgres.log")))
        .contains("duplicate key")
        .doesNotContain("grace@example.com");
  }

  @Test
  void aTakenPortIsNamed(@TempDir Path other) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(
              () -> PostgresServer.start(PostgresSettings.durable(other, taken.getLocalPort())))
          .hasMessageContaining("Port " + taken.getLocalPort())
          .hasMessageContaining("TRIBUTARY_POSTGRES_PORT");
    }
  }

  @Test
  void fewerGuaranteesAreForTestsOnly(@TempDir Path other) throws Exception {
    try (PostgresServer fast = PostgresServer.start(PostgresSettings.forTests(other, directory))) {
      assertThat(Servers.show(fast, "fsync")).isEqualTo("off");
    }
    Path conf = other.resolve("data/postgresql.auto.conf");
    Files.writeString(conf, "fsync = off\n", java.nio.file.StandardOpenOption.APPEND);
    assertThatThrownBy(() -> PostgresServer.start(PostgresSettings.durable(other, 0)))
        .hasMessageContaining("fsync = off");
    Postmaster.find(other.resolve("data")).orElseThrow().stop(java.time.Duration.ofSeconds(10));
  }

  private static String mode(String name) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name)));
  }
}
