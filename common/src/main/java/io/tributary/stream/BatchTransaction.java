package io.tributary.stream;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.apache.kafka.common.TopicPartition;

/**
 * The Postgres half of a batch: positions and effects in one transaction. Safe to repeat with the
 * same records whatever became of the try before, also when the answer of its COMMIT was lost: what
 * has had its effect is recognised by its position and only said again.
 */
final class BatchTransaction {
  private static final String BOUNDS =
      """
      select set_config('transaction_timeout', '120s', true),
             set_config('plan_cache_mode', 'force_generic_plan', true)
      """;

  private final DataSource dataSource;
  private final Positions positions;
  private final Stage stage;
  private final YoungTables youngTables;

  BatchTransaction(DataSource dataSource, Positions positions, Stage stage) {
    this.dataSource = dataSource;
    this.positions = positions;
    this.stage = stage;
    this.youngTables = new YoungTables(dataSource, positions.schema());
  }

  /** What is done within the transaction, once the positions have moved. */
  private interface Work {
    /**
     * @param before where each partition stood; records below it had their effect
     */
    List<Output> apply(Connection connection, Map<TopicPartition, Long> before) throws SQLException;
  }

  /** Keeps a record somewhere else; harmless when it's there already. */
  interface Aside {
    void put(Connection connection) throws SQLException;
  }

  /** Tells the stage that the outputs of its last batch are committed, too. */
  void appended() {
    stage.committed();
    youngTables.look();
  }

  /**
   * Advances the positions over the records and lets the stage apply those that are new.
   *
   * @return the outputs of all: said again for old ones, then of the new ones
   */
  List<Output> run(List<InputRecord> records, Map<TopicPartition, Long> epochs)
      throws SQLException, FencedException {
    return run(records, epochs, (connection, before) -> apply(connection, records, before));
  }

  /**
   * Advances the position over a record that can't be processed and puts it aside. The stage isn't
   * asked, also not what it said when the record is an old one: perhaps it's just that which fails.
   */
  void setAside(InputRecord record, Map<TopicPartition, Long> epochs, Aside aside)
      throws SQLException, FencedException {
    run(
        List.of(record),
        epochs,
        (connection, _) -> {
          aside.put(connection);
          return List.of();
        });
  }

  private List<Output> run(List<InputRecord> records, Map<TopicPartition, Long> epochs, Work work)
      throws SQLException, FencedException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      try {
        bound(connection);
        Collection<Positions.Run> runs = runs(records, epochs);
        Map<TopicPartition, Long> before = positions.advance(connection, runs);
        if (before.size() < runs.size()) {
          throw new FencedException("another owner holds a partition of this batch");
        }
        List<Output> outputs = work.apply(connection, before);
        connection.commit();
        return outputs;
      } catch (SQLException | RuntimeException | FencedException e) {
        rollback(connection, e);
        throw e;
      }
    }
  }

  /**
   * Bounds how long a batch may hold its locks; that of one that says nothing is bounded by its
   * connection. And has statements planned once: whatever number of keys they get, they go by an
   * index.
   */
  private static void bound(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(BOUNDS)) {
      statement.execute();
    }
  }

  private List<Output> apply(
      Connection connection, List<InputRecord> records, Map<TopicPartition, Long> before)
      throws SQLException {
    List<InputRecord> old = new ArrayList<>();
    List<InputRecord> fresh = new ArrayList<>(records.size());
    for (InputRecord record : records) {
      Long next = before.get(new TopicPartition(record.topic(), record.partition()));
      (next != null && record.offset() < next ? old : fresh).add(record);
    }
    List<Output> outputs = new ArrayList<>();
    if (!old.isEmpty()) {
      stage.reemit(connection, old).forEach(output -> outputs.add(output.saidAgain()));
    }
    if (!fresh.isEmpty()) {
      outputs.addAll(stage.apply(connection, fresh));
    }
    return outputs;
  }

  private static Collection<Positions.Run> runs(
      List<InputRecord> records, Map<TopicPartition, Long> epochs) throws FencedException {
    Map<TopicPartition, Positions.Run> runs = new LinkedHashMap<>();
    for (InputRecord record : records) {
      TopicPartition partition = new TopicPartition(record.topic(), record.partition());
      Long epoch = epochs.get(partition);
      if (epoch == null) {
        throw new FencedException("not the owner of " + partition);
      }
      runs.put(partition, new Positions.Run(partition, epoch, record.offset()));
    }
    return runs.values();
  }

  private static void rollback(Connection connection, Exception cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }
}
