package io.tributary.acceptance.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Breaks the network before a real Postgres. */
class TcpProxyTest {
  private final TestDatabase database = TestPostgres.freshDatabase();

  @SuppressWarnings("NullAway.Init")
  private TcpProxy proxy;

  @BeforeEach
  void begin() throws IOException, SQLException {
    URI address = URI.create(database.url().substring("jdbc:".length()));
    proxy = new TcpProxy(0, address::getPort);
    try (Connection connection = connect(database.url());
        Statement statement = connection.createStatement()) {
      statement.execute("create table thing (id int)");
    }
  }

  @AfterEach
  void end() throws IOException {
    proxy.close();
  }

  @Test
  void aCommitWhoseAnswerIsLostHasHappened() throws SQLException {
    try (Connection connection = connect(throughProxy());
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      // Often enough for the driver to prepare its COMMIT on the server.
      for (int i = 0; i < 8; i++) {
        statement.execute("insert into thing values (" + i + ")");
        connection.commit();
      }
      proxy.loseCommits(() -> true);
      statement.execute("insert into thing values (100)");
      assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
    }
    assertThat(proxy.lostCommits()).isEqualTo(1);
    assertThat(count()).isEqualTo(9);
  }

  @Test
  void aCutEndsConnectionsAndRefusalKeepsNewOnesOut() throws SQLException {
    try (Connection connection = connect(throughProxy());
        Statement statement = connection.createStatement()) {
      proxy.cut();
      assertThatThrownBy(() -> statement.execute("select 1")).isInstanceOf(SQLException.class);
    }
    proxy.refuse(true);
    assertThatThrownBy(() -> connect(throughProxy()).close()).isInstanceOf(SQLException.class);
    proxy.refuse(false);
    connect(throughProxy()).close();
  }

  @Test
  void silenceHoldsAnswersBackUntilItEnds() throws Exception {
    try (Connection connection = connect(throughProxy());
        Statement statement = connection.createStatement();
        ExecutorService executor = Executors.newSingleThreadExecutor()) {
      proxy.silence(true);
      Callable<Boolean> question = () -> statement.execute("select 1");
      Future<Boolean> answer = executor.submit(question);
      assertThatThrownBy(() -> answer.get(500, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      proxy.silence(false);
      assertThat(answer.get(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  private int count() throws SQLException {
    try (Connection connection = connect(database.url());
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("select count(*) from thing")) {
      found.next();
      return found.getInt(1);
    }
  }

  private String throughProxy() {
    return database.url().replaceFirst(":\\d+/", ":" + proxy.port() + "/");
  }

  private Connection connect(String url) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", database.user());
    properties.setProperty("password", database.password());
    return DriverManager.getConnection(url, properties);
  }
}
