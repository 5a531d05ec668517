package io.tributary.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import javax.sql.ConnectionEvent;
import javax.sql.ConnectionEventListener;
import javax.sql.PooledConnection;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGConnectionPoolDataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Gives a connection again once it is closed, as the services' pools do: to open one takes Postgres
 * longer than most of a test's questions. All databases of this JVM share the idle ones, and the
 * eldest goes first, so that databases that nobody asks any more end up with none.
 */
final class ReusedConnections extends PGSimpleDataSource {
  private static final long serialVersionUID = 1L;
  private static final int MOST_IDLE = 24;
  private static final Deque<Idle> IDLE = new ArrayDeque<>();

  private record Idle(@Nullable String url, PooledConnection connection) {}

  @Override
  public Connection getConnection() throws SQLException {
    String url = getUrl();
    for (Optional<Idle> idle = latest(url); idle.isPresent(); idle = latest(url)) {
      try {
        return open(idle.get().connection);
      } catch (SQLException e) {
        discard(idle.get()); // its server ended it meanwhile
      }
    }
    PGConnectionPoolDataSource physical = new PGConnectionPoolDataSource();
    physical.setUrl(url);
    physical.setUser(getUser());
    physical.setPassword(getPassword());
    PooledConnection connection = physical.getPooledConnection();
    connection.addConnectionEventListener(new Returns(new Idle(url, connection)));
    return connection.getConnection();
  }

  /** Asks the server, too: whether it's there, and for the one setting that the driver forgets. */
  private static Connection open(PooledConnection idle) throws SQLException {
    Connection connection = idle.getConnection();
    connection.setReadOnly(false);
    if (connection.getTransactionIsolation() != Connection.TRANSACTION_READ_COMMITTED) {
      connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    }
    return connection;
  }

  /** Ends the idle ones of a database. */
  static void end(String url) {
    for (Optional<Idle> idle = latest(url); idle.isPresent(); idle = latest(url)) {
      discard(idle.get());
    }
  }

  private static Optional<Idle> latest(@Nullable String url) {
    synchronized (IDLE) {
      for (Iterator<Idle> all = IDLE.descendingIterator(); all.hasNext(); ) {
        Idle idle = all.next();
        if (Objects.equals(idle.url, url)) {
          all.remove();
          return Optional.of(idle);
        }
      }
      return Optional.empty();
    }
  }

  private static void discard(@Nullable Idle idle) {
    if (idle != null) {
      try {
        idle.connection.close();
      } catch (SQLException e) {
        // It's gone in any case.
      }
    }
  }

  private record Returns(Idle idle) implements ConnectionEventListener {

    @Override
    public void connectionClosed(ConnectionEvent event) {
      Idle eldest = null;
      synchronized (IDLE) {
        IDLE.addLast(idle);
        if (IDLE.size() > MOST_IDLE) {
          eldest = IDLE.pollFirst();
        }
      }
      discard(eldest);
    }

    @Override
    public void connectionErrorOccurred(ConnectionEvent event) {
      // The next who gets it finds out.
    }
  }
}
