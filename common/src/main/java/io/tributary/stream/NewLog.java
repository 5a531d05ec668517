package io.tributary.stream;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a database go on with another, empty log when the one that it has read is gone for good,
 * while no service runs. What had its effect keeps it; each stage reads the new log from its
 * beginning. What counts along the log begins anew with it; what is noted by its place in the log
 * moves to places that no log has.
 */
public final class NewLog {
  private static final Logger log = LoggerFactory.getLogger(NewLog.class);

  /** Beyond the stage's own quarantines: what has a place in a log. */
  private static final List<String> PLACES =
      List.of("ingestion.refused_event", "identity.duplicate");

  /** Subtracted from the partition of a place in a log that is gone; more than any topic has. */
  private static final int GONE = 1_000_000;

  private final Connection connection;
  private final KafkaClients clients;

  /** For the five services' schemas in this database and the log that they are to read. */
  public NewLog(Connection connection, KafkaClients clients) {
    this.connection = connection;
    this.clients = clients;
  }

  /**
   * Forgets all positions, in the caller's transaction.
   *
   * @return how many there were; with 0 the database has never read a log
   * @throws IllegalStateException when the log still holds a topic that the database has read:
   *     reading it again from the beginning could count what is older than the memory of message
   *     ids a second time
   */
  public int begin() throws SQLException {
    int forgotten = 0;
    for (String schema : Schemas.SERVICES) {
      if (Schemas.has(connection, schema + ".position")) {
        requireGone(schema);
        forgotten += change("delete from %s.position", schema);
        change("delete from %s.control_total", schema);
        leavePlaces(schema + ".quarantine");
      }
    }
    for (String table : PLACES) {
      if (Schemas.has(connection, table)) {
        leavePlaces(table);
      }
    }
    log.info("positions={} outcome=forgotten", forgotten);
    return forgotten;
  }

  private void requireGone(String schema) throws SQLException {
    Map<String, String> known = new TreeMap<>();
    String sql = "select distinct topic, topic_id from %s.position".formatted(schema);
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        known.put(row.getString(1), row.getString(2));
      }
    }
    Map<String, String> present = topicIds(known);
    known.forEach((topic, id) -> {
      if (id.equals(present.get(topic))) {
        throw new IllegalStateException(
            "Kafka still holds the topic "
                + topic
                + " that Postgres has read: the log isn't gone. Look in docs/operating.md,"
                + " \"A partition has stopped\", for what to do instead.");
      }
    });
  }

  /**
   * By name, of those that there are. Asked by name, since a list would pass over what this user
   * may not see, and a topic that isn't seen isn't gone.
   */
  private Map<String, String> topicIds(Map<String, String> topics) {
    Map<String, String> ids = new HashMap<>();
    Map<String, KafkaFuture<TopicDescription>> described =
        clients.admin().describeTopics(topics.keySet()).topicNameValues();
    described.forEach((topic, answer) -> {
      try {
        ids.put(topic, Await.result("describing topic " + topic, answer).topicId().toString());
      } catch (KafkaException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw e;
        }
      }
    });
    return ids;
  }

  private void leavePlaces(String table) throws SQLException {
    change("update %s set partition = partition - " + GONE, table);
  }

  private int change(String sql, String name) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.formatted(name))) {
      return statement.executeUpdate();
    }
  }
}
