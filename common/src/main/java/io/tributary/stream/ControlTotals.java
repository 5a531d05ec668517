package io.tributary.stream;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts what became of a stage's records, in the transaction that made it so. Each thread counts
 * in a row of its own, so that batches don't wait for each other.
 */
public final class ControlTotals {
  private final String upsert;
  private final String consumer;
  private final AtomicInteger slots = new AtomicInteger();
  private final ThreadLocal<Integer> slot = ThreadLocal.withInitial(slots::getAndIncrement);

  /** The totals of {@code consumer} in the service that owns {@code schema}. */
  public ControlTotals(String schema, String consumer) {
    this.consumer = consumer;
    this.upsert =
        """
        insert into %s.control_total as t (consumer, partition, outcome, total)
        select ?, ?, o.outcome, o.total from unnest(?::text[], ?::bigint[]) as o(outcome, total)
        on conflict (consumer, partition, outcome) do update set total = t.total + excluded.total
        """
            .formatted(Schemas.checked(schema));
  }

  /** Adds to each outcome within the transaction of {@code connection}; zeros are left out. */
  public void add(Connection connection, Map<String, Long> outcomes) throws SQLException {
    Map<String, Long> counted = new TreeMap<>(outcomes);
    counted.values().removeIf(total -> total == 0);
    if (counted.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(upsert)) {
      statement.setString(1, consumer);
      statement.setInt(2, slot.get());
      statement.setArray(3, connection.createArrayOf("text", counted.keySet().toArray()));
      statement.setArray(4, connection.createArrayOf("bigint", counted.values().toArray()));
      statement.executeUpdate();
    }
  }
}
