package io.tributary.identity.store;

import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Runs work on a connection in a transaction of its own. */
final class Transactions {
  private final JdbcTemplate jdbc;
  private final TransactionTemplate transactions;

  Transactions(DataSource dataSource) {
    this.jdbc = new JdbcTemplate(dataSource);
    this.transactions = new TransactionTemplate(new JdbcTransactionManager(dataSource));
  }

  /** Commits unless the work throws. */
  <R> R call(ConnectionCallback<R> work) {
    @Nullable R result = transactions.execute(_ -> jdbc.execute(work));
    if (result == null) {
      throw new IllegalStateException("the work of a transaction must have a result");
    }
    return result;
  }
}
