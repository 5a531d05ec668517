package io.tributary.stream;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Outputs that carry state, written as rows in the transaction that makes them true. Ids come from
 * a counter row per shard that stays locked to the end of the transaction, so the order of ids is
 * the order of commits and a reader that goes by ids misses nothing. A transaction that appends to
 * several shards takes them in ascending order.
 */
public final class ChangeLog {
  private final String schema;
  private final String log;
  private final int shards;

  /** The log named {@code log} in the service that owns {@code schema}. */
  public ChangeLog(String schema, String log, int shards) {
    if (shards < 1) {
      throw new IllegalArgumentException("a change log needs at least one shard");
    }
    this.schema = Schemas.checked(schema);
    this.log = log;
    this.shards = shards;
  }

  /**
   * One row to append.
   *
   * @param value makes the record's bytes from the id that the row gets
   * @param trace of the record that brought it about; null when that isn't followed
   */
  public record Change(
      String workspaceId,
      String topic,
      String key,
      LongFunction<byte[]> value,
      @Nullable String trace) {
    /** A change that no trace leads to. */
    public Change(String workspaceId, String topic, String key, LongFunction<byte[]> value) {
      this(workspaceId, topic, key, value, null);
    }
  }

  /** The name, part of the relay's transactional id. */
  public String name() {
    return schema + "." + log;
  }

  /** How many shards there are. */
  public int shards() {
    return shards;
  }

  String schema() {
    return schema;
  }

  String log() {
    return log;
  }

  /** The shard of a key: the same key always gets the same. */
  public int shardOf(String key) {
    return Math.floorMod(key.hashCode(), shards);
  }

  /**
   * Appends rows to one shard and returns their ids in order; the shard stays locked until the
   * transaction ends.
   */
  public List<Long> append(Connection connection, int shard, List<Change> changes)
      throws SQLException {
    if (changes.isEmpty()) {
      return List.of();
    }
    long last = take(connection, shard, changes.size());
    List<Long> ids = new ArrayList<>(changes.size());
    byte[][] values = new byte[changes.size()][];
    for (int i = 0; i < changes.size(); i++) {
      long id = last - changes.size() + 1 + i;
      ids.add(id);
      values[i] = changes.get(i).value().apply(id);
    }
    insert(connection, shard, changes, ids, values);
    return List.copyOf(ids);
  }

  private long take(Connection connection, int shard, int count) throws SQLException {
    String sql =
        """
        insert into %s.change_counter as c (log, shard, last_id) values (?, ?, ?)
        on conflict (log, shard) do update set last_id = c.last_id + excluded.last_id
        returning last_id
        """
            .formatted(schema);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, log);
      statement.setInt(2, shard);
      statement.setLong(3, count);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  private void insert(
      Connection connection, int shard, List<Change> changes, List<Long> ids, byte[][] values)
      throws SQLException {
    String sql =
        """
        insert into %s.change_log (log, shard, id, workspace_id, topic, key, value, trace)
        select ?, ?, c.id, c.workspace_id, c.topic, c.key, c.value, c.trace
        from unnest(?::bigint[], ?::text[], ?::text[], ?::text[], ?::bytea[], ?::text[])
            as c(id, workspace_id, topic, key, value, trace)
        """
            .formatted(schema);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, log);
      statement.setInt(2, shard);
      statement.setArray(3, connection.createArrayOf("bigint", ids.toArray()));
      statement.setArray(4, texts(connection, changes.stream().map(Change::workspaceId).toList()));
      statement.setArray(5, texts(connection, changes.stream().map(Change::topic).toList()));
      statement.setArray(6, texts(connection, changes.stream().map(Change::key).toList()));
      statement.setObject(7, connection.createArrayOf("bytea", values), Types.ARRAY);
      List<@Nullable String> traces = new ArrayList<>(changes.size());
      changes.forEach(change -> traces.add(change.trace()));
      statement.setArray(8, connection.createArrayOf("text", traces.toArray()));
      statement.executeUpdate();
    }
  }

  private static Array texts(Connection connection, List<String> texts) throws SQLException {
    return connection.createArrayOf("text", texts.toArray());
  }
}
