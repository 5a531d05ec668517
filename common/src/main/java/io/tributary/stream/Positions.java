package io.tributary.stream;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/**
 * The table of positions: which records of a partition have had their effect, and who may go on.
 */
final class Positions {
  /** The order in which rows of several partitions are taken. */
  static final Comparator<TopicPartition> ORDER =
      Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

  /** A position as it's stored. */
  record Position(long nextOffset, long ownerEpoch, String topicId) {}

  /**
   * A run of records of one partition that a batch wants to take, as its owner of {@code epoch}.
   */
  record Run(TopicPartition partition, long epoch, long lastOffset) {}

  private final String schema;
  private final String consumer;
  private final String claim;
  private final String insert;
  private final String advance;

  Positions(String schema, String consumer) {
    this.schema = schema;
    this.consumer = consumer;
    String table = Schemas.checked(schema) + ".position";
    this.claim =
        """
        update %s set owner_epoch = owner_epoch + 1, owner = ?, updated_at = now()
        where consumer = ? and topic = ? and partition = ?
        returning next_offset, owner_epoch, topic_id
        """
            .formatted(table);
    this.insert =
        """
        insert into %s (consumer, topic, topic_id, partition, next_offset)
        values (?, ?, ?, ?, ?) on conflict do nothing
        """
            .formatted(table);
    this.advance =
        """
        update %s p
        set next_offset = greatest(p.next_offset, r.last_offset + 1), updated_at = now()
        from unnest(?::text[], ?::int[], ?::bigint[], ?::bigint[]) as r(topic, partition, epoch, last_offset)
        where p.consumer = ? and p.topic = r.topic and p.partition = r.partition and p.owner_epoch = r.epoch
        returning p.topic, p.partition, old.next_offset
        """
            .formatted(table);
  }

  /** Where the table lies, and all others that change along with it. */
  String schema() {
    return schema;
  }

  /**
   * Takes a partition: from now on every owner before is fenced. Empty when the partition was never
   * seen.
   */
  Optional<Position> claim(Connection connection, TopicPartition partition, String owner)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(claim)) {
      statement.setString(1, owner);
      statement.setString(2, consumer);
      statement.setString(3, partition.topic());
      statement.setInt(4, partition.partition());
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(new Position(row.getLong(1), row.getLong(2), row.getString(3)))
            : Optional.empty();
      }
    }
  }

  /** Writes the first position of a partition. */
  void create(Connection connection, TopicPartition partition, String topicId, long nextOffset)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      statement.setString(1, consumer);
      statement.setString(2, partition.topic());
      statement.setString(3, topicId);
      statement.setInt(4, partition.partition());
      statement.setLong(5, nextOffset);
      statement.executeUpdate();
    }
  }

  /**
   * The first statement of a batch: locks and advances the positions of its runs, where this owner
   * still holds them.
   *
   * @return the next offset that stood there before, of each partition that is still ours; records
   *     below it had their effect
   */
  Map<TopicPartition, Long> advance(Connection connection, Collection<Run> runs)
      throws SQLException {
    List<Run> sorted = runs.stream().sorted(Comparator.comparing(Run::partition, ORDER)).toList();
    try (PreparedStatement statement = connection.prepareStatement(advance)) {
      statement.setArray(
          1, array(connection, "text", sorted.stream().map(r -> r.partition().topic())));
      statement.setArray(
          2, array(connection, "int", sorted.stream().map(r -> r.partition().partition())));
      statement.setArray(3, array(connection, "bigint", sorted.stream().map(Run::epoch)));
      statement.setArray(4, array(connection, "bigint", sorted.stream().map(Run::lastOffset)));
      statement.setString(5, consumer);
      Map<TopicPartition, Long> before = new HashMap<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          before.put(new TopicPartition(row.getString(1), row.getInt(2)), row.getLong(3));
        }
      }
      return before;
    }
  }

  private static java.sql.Array array(
      Connection connection, String type, java.util.stream.Stream<?> values) throws SQLException {
    return connection.createArrayOf(type, values.toArray());
  }
}
