package io.tributary.segment.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;

/** Runs work in a transaction of its own. */
public final class Transactions {
  private final DataSource dataSource;

  /** Over the given connections. */
  public Transactions(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** What is done with the connection. */
  @FunctionalInterface
  public interface Work<T> {
    /** Does it; any exception rolls back. */
    T on(Connection connection) throws SQLException;
  }

  /** Commits what the work did, or nothing of it. */
  public <T> T commit(Work<T> work) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      try {
        T result = work.on(connection);
        connection.commit();
        return result;
      } finally {
        // After a commit this changes nothing; after an exception it undoes the work.
        connection.rollback();
        connection.setAutoCommit(true);
      }
    }
  }

  /** Reads one consistent state, for at most so long. */
  public <T> T read(Duration limit, Work<T> work) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      connection.setReadOnly(true);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      try {
        try (Statement statement = connection.createStatement()) {
          statement.execute("set local statement_timeout = " + limit.toMillis());
        }
        return work.on(connection);
      } finally {
        connection.rollback();
        connection.setReadOnly(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        connection.setAutoCommit(true);
      }
    }
  }
}
