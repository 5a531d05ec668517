package io.tributary.stream;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions a worker owns. A fresh assignment takes a new epoch in Postgres, which fences
 * whoever owned the partition before, and seeks to the smaller of Kafka's committed offset and the
 * stored position. A partition whose log and position don't fit stops with an alarm; nothing is
 * ever reset silently.
 */
final class Assignment implements ConsumerRebalanceListener {
  private static final Logger log = LoggerFactory.getLogger(Assignment.class);
  private final Consumer<byte[], byte[]> consumer;
  private final Admin admin;
  private final DataSource dataSource;
  private final Positions positions;
  private final Lineage lineage;
  private final Reader reader;
  private final Map<TopicPartition, String> stopped;
  private final Map<TopicPartition, Long> epochs = new HashMap<>();
  private final Map<TopicPartition, Long> committed = new HashMap<>();
  private final Map<TopicPartition, Long> applied = new HashMap<>();
  private long generation;
  private @Nullable RuntimeException broken;

  /**
   * Owns nothing yet.
   *
   * @param stopped where partitions that stop are reported with the reason; read by other threads
   */
  Assignment(
      Reader reader,
      Admin admin,
      DataSource dataSource,
      Positions positions,
      Lineage lineage,
      Map<TopicPartition, String> stopped) {
    this.reader = reader;
    this.consumer = reader.consumer();
    this.admin = admin;
    this.dataSource = dataSource;
    this.positions = positions;
    this.lineage = lineage;
    this.stopped = stopped;
  }

  /**
   * Who reads.
   *
   * @param group the consumer group
   * @param owner what is noted with each partition that's taken
   */
  record Reader(Consumer<byte[], byte[]> consumer, String group, String owner) {}

  /** The epoch of each partition that runs. */
  Map<TopicPartition, Long> epochs() {
    return epochs;
  }

  /** Changes with every assignment, revocation or loss. */
  long generation() {
    return generation;
  }

  /** The partitions that run. */
  Set<TopicPartition> running() {
    return new HashSet<>(epochs.keySet());
  }

  /** Kafka's committed offset when the partition was assigned. */
  long committed(TopicPartition partition) {
    return committed.getOrDefault(partition, 0L);
  }

  /** The position in Postgres, as far as this membership knows. */
  long applied(TopicPartition partition) {
    return applied.getOrDefault(partition, 0L);
  }

  /** Notes that records have had their effect. */
  void noteApplied(List<InputRecord> records) {
    for (InputRecord record : records) {
      applied.merge(
          new TopicPartition(record.topic(), record.partition()), record.offset() + 1, Math::max);
    }
  }

  /**
   * Throws what went wrong during an assignment: a listener's own exception would be wrapped or
   * swallowed on its way.
   */
  void failIfBroken() {
    if (broken != null) {
      throw broken;
    }
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
    generation++;
    if (assigned.isEmpty()) {
      return;
    }
    try {
      take(assigned);
    } catch (SQLException e) {
      broken = new KafkaException("claiming positions", e);
    } catch (RuntimeException e) {
      broken = e;
    }
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
    forget(revoked);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> lost) {
    forget(lost);
  }

  private void forget(Collection<TopicPartition> partitions) {
    generation++;
    epochs.keySet().removeAll(partitions);
    stopped.keySet().removeAll(partitions);
  }

  private void take(Collection<TopicPartition> assigned) throws SQLException {
    Map<String, String> topicIds = topicIds(assigned);
    Map<TopicPartition, OffsetAndMetadata> commits = commits(new HashSet<>(assigned));
    Map<TopicPartition, Long> starts = consumer.beginningOffsets(assigned);
    Map<TopicPartition, Long> ends = consumer.endOffsets(assigned);
    for (TopicPartition partition : sorted(assigned)) {
      Log found =
          new Log(
              topicIds.getOrDefault(partition.topic(), ""),
              starts.getOrDefault(partition, 0L),
              ends.getOrDefault(partition, 0L),
              Optional.ofNullable(commits.get(partition)));
      take(partition, found);
    }
  }

  /**
   * Offsets that no transaction is about to change, or, when that is never so, the last ones: a
   * coordinator may have missed the end of a transaction. An offset that is read too low only has
   * things said again, which the next stage recognises and counts apart.
   */
  private Map<TopicPartition, OffsetAndMetadata> commits(Set<TopicPartition> partitions) {
    try {
      return consumer.committed(partitions, KafkaClients.NO_TRANSACTION_LASTS);
    } catch (TimeoutException e) {
      Map<TopicPartition, OffsetAndMetadata> last =
          Await.result(
              "reading offsets",
              admin
                  .listConsumerGroupOffsets(
                      Map.of(
                          reader.group(),
                          new ListConsumerGroupOffsetsSpec().topicPartitions(partitions)))
                  .partitionsToOffsetAndMetadata(reader.group()));
      log.warn(
          "group={} has offsets that were not stable for {} s, longer than a transaction lasts;"
              + " read as they are: {}",
          reader.group(),
          KafkaClients.NO_TRANSACTION_LASTS.toSeconds(),
          last.keySet());
      return last;
    }
  }

  /** What Kafka says of a partition. */
  private record Log(String topicId, long start, long end, Optional<OffsetAndMetadata> committed) {
    Optional<Mark> mark() {
      return committed.flatMap(commit -> Mark.parse(commit.metadata()));
    }
  }

  private void take(TopicPartition partition, Log found) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(true);
      Optional<Positions.Position> known = positions.claim(connection, partition, reader.owner());
      if (known.isEmpty()) {
        begin(connection, partition, found);
        known = positions.claim(connection, partition, reader.owner());
      }
      Positions.Position position = known.orElseThrow();
      long commit = commit(partition, found);
      long from = Math.min(commit, position.nextOffset());
      Optional<String> misfit = misfit(position, found, from);
      if (misfit.isPresent()) {
        stop(partition, misfit.get());
        return;
      }
      epochs.put(partition, position.ownerEpoch());
      committed.put(partition, commit);
      applied.put(partition, position.nextOffset());
      consumer.seek(partition, from);
    }
  }

  /**
   * A partition never seen: Kafka's offset first, so that a stored position without one always
   * means that something was lost.
   */
  private void begin(Connection connection, TopicPartition partition, Log found)
      throws SQLException {
    if (found.committed().isEmpty()) {
      consumer.commitSync(Map.of(partition, new OffsetAndMetadata(found.start())));
    }
    positions.create(connection, partition, found.topicId(), found.start());
    log.info("partition={} first seen, from offset={}", partition, found.start());
  }

  /**
   * How far everything was said. What an earlier life of the database said beyond its restored
   * position is void, and said again.
   */
  private long commit(TopicPartition partition, Log found) {
    long commit = found.committed().map(OffsetAndMetadata::offset).orElse(found.start());
    int said = found.mark().map(Mark::lineage).orElse(0);
    String origin = Source.ofStage(reader.group(), partition.topic(), partition.partition());
    return said < lineage.current()
        ? Math.max(found.start(), Math.min(commit, lineage.knownBelow(said, origin)))
        : commit;
  }

  private Optional<String> misfit(Positions.Position position, Log found, long from) {
    Mark mark = found.mark().orElse(new Mark(0, 0));
    if (mark.lineage() > lineage.current()
        || (mark.lineage() == lineage.current() && mark.next() > position.nextOffset())) {
      return Optional.of(
          "Postgres is at %d, but was at %d before: it was put back without ./tributary restored"
              .formatted(position.nextOffset(), mark.next()));
    }
    if (!position.topicId().equals(found.topicId())) {
      return Optional.of("the topic was created anew (another topic id)");
    }
    if (position.nextOffset() > found.end()) {
      return Optional.of(
          "the log ends at %d, before the position %d"
              .formatted(found.end(), position.nextOffset()));
    }
    if (found.committed().isEmpty() && position.nextOffset() > found.start()) {
      return Optional.of("Kafka has lost the group's committed offset");
    }
    if (from < found.start()) {
      return Optional.of(
          "the log starts at %d, behind the position %d".formatted(found.start(), from));
    }
    return Optional.empty();
  }

  private void stop(TopicPartition partition, String reason) {
    stopped.put(partition, reason);
    consumer.seek(partition, 0);
    consumer.pause(List.of(partition));
    log.error(
        "partition={} STOPPED: {}. See docs/operating.md, \"A partition has stopped\".",
        partition,
        reason);
  }

  private Map<String, String> topicIds(Collection<TopicPartition> partitions) {
    Set<String> topics = new HashSet<>();
    partitions.forEach(partition -> topics.add(partition.topic()));
    Map<String, TopicDescription> described =
        Await.result("describing topics", admin.describeTopics(topics).allTopicNames());
    Map<String, String> ids = new TreeMap<>();
    described.forEach((name, topic) -> ids.put(name, topic.topicId().toString()));
    return ids;
  }

  private static List<TopicPartition> sorted(Collection<TopicPartition> partitions) {
    return partitions.stream().sorted(Positions.ORDER).toList();
  }
}
