package io.tributary.stream;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins a new lineage in a database that was put back from a backup, while no service runs: notes
 * where each origin of records goes on, and takes back the offsets of groups that are further in
 * Kafka than the database.
 */
public final class NewLineage {
  private static final Logger log = LoggerFactory.getLogger(NewLineage.class);
  private static final int ATTEMPTS = 40;
  private static final long BETWEEN_MS = 500;

  private final Connection connection;
  private final KafkaClients clients;
  private final List<String> schemas;

  /** For the five services' schemas in this database and the log that they read and write. */
  public NewLineage(Connection connection, KafkaClients clients) {
    this(connection, clients, Schemas.SERVICES);
  }

  NewLineage(Connection connection, KafkaClients clients, List<String> schemas) {
    this.connection = connection;
    this.clients = clients;
    this.schemas = List.copyOf(schemas);
  }

  /** One origin, and the group in Kafka that remembers how far it was said. */
  private record Origin(String name, long next, String group, TopicPartition partition) {
    /** Of a change log; the topic of its cursor isn't known here, the partition is the shard. */
    boolean isLog() {
      return partition.topic().isEmpty();
    }
  }

  /**
   * Begins it, once per name; repeating it after a crash changes nothing.
   *
   * @param name of the restore, like no other one's
   * @param logLost whether Kafka's log came from the backup, too
   * @param replayTo what was accepted before the restore
   * @return the lineage's number
   */
  public int begin(String name, boolean logLost, PositionToken replayTo)
      throws SQLException, InterruptedException {
    connection.setAutoCommit(false);
    List<String> present = present();
    Map<String, Integer> known = new HashMap<>();
    int last = 0;
    for (String schema : present) {
      for (Map.Entry<String, Integer> lineage : lineages(schema).entrySet()) {
        known.put(lineage.getKey(), lineage.getValue());
        last = Math.max(last, lineage.getValue());
      }
    }
    if (known.containsKey(name)) {
      connection.rollback();
      return known.get(name);
    }
    List<Origin> origins = new ArrayList<>();
    for (String schema : present) {
      origins.addAll(stages(schema));
      origins.addAll(logs(schema));
    }
    requireLog(origins);
    // Kafka remembers lives of the database that this backup of it doesn't know.
    int lineage = Math.max(last, lastInKafka(origins)) + 1;
    for (String schema : present) {
      insert(schema, lineage, name, logLost, replayTo, origins);
    }
    // Before the commit: if this dies in between, all of it is done again.
    takeBack(lineage, origins);
    connection.commit();
    log.info("lineage={} name={} log_lost={} origins={}", lineage, name, logLost, origins.size());
    return lineage;
  }

  private List<String> present() throws SQLException {
    List<String> present = new ArrayList<>();
    for (String schema : schemas) {
      if (Schemas.has(connection, schema + ".lineage")) {
        present.add(schema);
      } else if (Schemas.has(connection, schema + ".position")) {
        throw new IllegalStateException(
            "The database was last used by a version of Tributary that could not be restored yet: schema "
                + schema
                + " has no table lineage.");
      }
    }
    return present;
  }

  private Map<String, Integer> lineages(String schema) throws SQLException {
    Map<String, Integer> found = new HashMap<>();
    String sql = "select name, lineage from %s.lineage".formatted(schema);
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        found.put(row.getString(1), row.getInt(2));
      }
    }
    return found;
  }

  private List<Origin> stages(String schema) throws SQLException {
    List<Origin> found = new ArrayList<>();
    String sql =
        "select consumer, topic, partition, next_offset from %s.position".formatted(schema);
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        TopicPartition partition = new TopicPartition(row.getString(2), row.getInt(3));
        String consumer = row.getString(1);
        found.add(
            new Origin(
                Source.ofStage(consumer, partition.topic(), partition.partition()),
                row.getLong(4),
                consumer,
                partition));
      }
    }
    return found;
  }

  private List<Origin> logs(String schema) throws SQLException {
    List<Origin> found = new ArrayList<>();
    String sql = "select log, shard, last_id from %s.change_counter".formatted(schema);
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        String name = schema + "." + row.getString(1);
        int shard = row.getInt(2);
        found.add(
            new Origin(
                Source.ofLog(name, shard),
                row.getLong(3) + 1,
                Relay.group(name),
                new TopicPartition("", shard)));
      }
    }
    return found;
  }

  private void insert(
      String schema,
      int lineage,
      String name,
      boolean logLost,
      PositionToken replayTo,
      List<Origin> origins)
      throws SQLException {
    String head = "insert into %s.lineage values (?, ?, ?, ?, clock_timestamp())".formatted(schema);
    try (PreparedStatement statement = connection.prepareStatement(head)) {
      statement.setInt(1, lineage);
      statement.setString(2, name);
      statement.setBoolean(3, logLost);
      statement.setString(4, replayTo.format());
      statement.executeUpdate();
    }
    String rows =
        """
        insert into %s.lineage_start (lineage, origin, next_number)
        select ?, o, n from unnest(?::text[], ?::bigint[]) as s(o, n)
        """
            .formatted(schema);
    try (PreparedStatement statement = connection.prepareStatement(rows)) {
      statement.setInt(1, lineage);
      statement.setArray(
          2, connection.createArrayOf("text", origins.stream().map(Origin::name).toArray()));
      statement.setArray(
          3, connection.createArrayOf("bigint", origins.stream().map(Origin::next).toArray()));
      statement.executeUpdate();
    }
  }

  /** The log must hold what the database has read, or something would be read twice or never. */
  private void requireLog(List<Origin> origins) {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    origins.stream()
        .filter(origin -> !origin.isLog())
        .forEach(origin -> wanted.put(origin.partition(), OffsetSpec.latest()));
    Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> ends =
        Await.result("reading the log's ends", clients.admin().listOffsets(wanted).all());
    for (Origin origin : origins) {
      ListOffsetsResult.ListOffsetsResultInfo end = ends.get(origin.partition());
      if (end != null && end.offset() < origin.next()) {
        throw new IllegalStateException(
            "Kafka's log of %s ends at %d, but Postgres has read it up to %d: the log is older than the database."
                .formatted(origin.partition(), end.offset(), origin.next()));
      }
    }
  }

  private int lastInKafka(List<Origin> origins) {
    int last = 0;
    for (String group : origins.stream().map(Origin::group).distinct().toList()) {
      for (OffsetAndMetadata offset : offsets(group).values()) {
        if (offset != null) {
          last = Math.max(last, Mark.parse(offset.metadata()).map(Mark::lineage).orElse(0));
        }
      }
    }
    return last;
  }

  private void takeBack(int lineage, List<Origin> origins) throws InterruptedException {
    Map<String, List<Origin>> groups =
        origins.stream()
            .collect(Collectors.groupingBy(Origin::group, TreeMap::new, Collectors.toList()));
    for (Map.Entry<String, List<Origin>> group : groups.entrySet()) {
      takeBack(lineage, group.getKey(), group.getValue());
    }
  }

  /** Members that were killed are thrown out, transactions that hang are waited for. */
  private void takeBack(int lineage, String group, List<Origin> origins)
      throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        Map<TopicPartition, OffsetAndMetadata> back = back(lineage, group, origins);
        if (!back.isEmpty()) {
          removeMembers(group);
          Await.result(
              "taking back the offsets of " + group,
              clients.admin().alterConsumerGroupOffsets(group, back).all());
        }
        return;
      } catch (KafkaException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
        java.util.concurrent.TimeUnit.MILLISECONDS.sleep(BETWEEN_MS);
      }
    }
  }

  private Map<TopicPartition, OffsetAndMetadata> back(
      int lineage, String group, List<Origin> origins) {
    Map<TopicPartition, OffsetAndMetadata> stored = offsets(group);
    Map<TopicPartition, OffsetAndMetadata> back = new HashMap<>();
    for (Origin origin : origins) {
      stored.forEach((partition, offset) -> {
        if (offset != null && isOf(origin, partition)) {
          long known = origin.isLog() ? origin.next() - 1 : origin.next();
          back.put(
              partition,
              new OffsetAndMetadata(
                  Math.min(offset.offset(), known), new Mark(lineage, known).format()));
        }
      });
    }
    return back;
  }

  private Map<TopicPartition, OffsetAndMetadata> offsets(String group) {
    return Await.result(
        "reading the offsets of " + group,
        clients
            .admin()
            .listConsumerGroupOffsets(
                Map.of(group, new ListConsumerGroupOffsetsSpec()),
                new ListConsumerGroupOffsetsOptions().requireStable(true))
            .partitionsToOffsetAndMetadata(group));
  }

  private static boolean isOf(Origin origin, TopicPartition partition) {
    return origin.isLog()
        ? origin.partition().partition() == partition.partition()
        : origin.partition().equals(partition);
  }

  private void removeMembers(String group) {
    try {
      Await.result(
          "removing the members of " + group,
          clients
              .admin()
              .removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions())
              .all());
    } catch (KafkaException e) {
      // A group without members has none to remove; whoever is left makes the change of offsets
      // fail.
      log.debug("no members removed from group={}", group, e);
    }
  }
}
