package io.tributary.stream;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads topics from places that its user keeps, outside of any group: committed records only, and
 * nothing that an earlier life of a restored database said. For one thread.
 */
public final class LogReader implements AutoCloseable {
  private final Consumer<byte[], byte[]> consumer;
  private final Lineage lineage;
  private final Map<TopicPartition, String> topicIds;
  private final Map<TopicPartition, Long> next = new TreeMap<>(Positions.ORDER);
  private final Deque<ConsumerRecord<byte[], byte[]>> polled = new ArrayDeque<>();

  /**
   * Where a reader goes on.
   *
   * @param topicId of the topic that was read; one of the same name that was made anew is read from
   *     its beginning
   * @param next the first offset that wasn't read
   */
  public record Place(String topic, int partition, String topicId, long next) {
    TopicPartition of() {
      return new TopicPartition(topic, partition);
    }
  }

  private LogReader(
      Consumer<byte[], byte[]> consumer, Lineage lineage, Map<TopicPartition, String> topicIds) {
    this.consumer = consumer;
    this.lineage = lineage;
    this.topicIds = topicIds;
  }

  /** The ends of topics: what is appended from now on comes behind them. */
  public static List<Place> ends(KafkaClients clients, Collection<String> topics) {
    Map<TopicPartition, String> ids = partitions(clients, topics);
    return places(ids, offsets(clients, ids, OffsetSpec.latest()), Map.of());
  }

  /**
   * Before the first record of each partition that was appended at that time or later; the end
   * where none was.
   */
  public static List<Place> since(KafkaClients clients, Collection<String> topics, Instant from) {
    Map<TopicPartition, String> ids = partitions(clients, topics);
    OffsetSpec wanted = OffsetSpec.forTimestamp(Math.max(0, from.toEpochMilli()));
    return places(ids, offsets(clients, ids, wanted), offsets(clients, ids, OffsetSpec.latest()));
  }

  /** How many offsets lie behind these places, in these topics. */
  public static long behind(
      KafkaClients clients, Collection<String> topics, Collection<Place> places) {
    Map<TopicPartition, Place> known =
        places.stream().collect(Collectors.toMap(Place::of, place -> place));
    long behind = 0;
    for (Place end : ends(clients, topics)) {
      Place place = known.get(end.of());
      long next = place != null && place.topicId().equals(end.topicId()) ? place.next() : 0;
      behind += Math.max(0, end.next() - next);
    }
    return behind;
  }

  /** What was found, or the end where that is nothing. */
  private static List<Place> places(
      Map<TopicPartition, String> ids,
      Map<TopicPartition, ListOffsetsResultInfo> found,
      Map<TopicPartition, ListOffsetsResultInfo> ends) {
    List<Place> places = new ArrayList<>();
    ids.forEach((partition, id) -> {
      ListOffsetsResultInfo at = found.get(partition);
      ListOffsetsResultInfo end = ends.get(partition);
      // -1 where nothing is as late as that.
      long offset = at != null && at.offset() >= 0 ? at.offset() : end == null ? 0 : end.offset();
      places.add(new Place(partition.topic(), partition.partition(), id, offset));
    });
    return places;
  }

  private static Map<TopicPartition, ListOffsetsResultInfo> offsets(
      KafkaClients clients, Map<TopicPartition, String> partitions, OffsetSpec wanted) {
    return Await.result(
        "reading offsets",
        clients
            .admin()
            .listOffsets(
                partitions.keySet().stream()
                    .collect(Collectors.toMap(partition -> partition, _ -> wanted)))
            .all());
  }

  private static Map<TopicPartition, String> partitions(
      KafkaClients clients, Collection<String> topics) {
    Map<String, TopicDescription> described =
        Await.result("describing topics", clients.admin().describeTopics(topics).allTopicNames());
    Map<TopicPartition, String> partitions = new TreeMap<>(Positions.ORDER);
    described.forEach((name, topic) ->
        topic
            .partitions()
            .forEach(each ->
                partitions.put(
                    new TopicPartition(name, each.partition()), topic.topicId().toString())));
    return partitions;
  }

  /**
   * Opens a reader.
   *
   * @param name of the client, for Kafka's logs
   * @param schema whose lineage tells what an earlier life of the database said
   * @param places where it goes on; partitions without one are read from their beginning
   */
  public static LogReader open(
      KafkaClients clients,
      DataSource dataSource,
      String schema,
      String name,
      Collection<String> topics,
      Collection<Place> places)
      throws SQLException {
    Lineage lineage = Lineage.read(dataSource, schema);
    Map<TopicPartition, String> ids = partitions(clients, topics);
    Map<TopicPartition, Place> known =
        places.stream().collect(Collectors.toMap(Place::of, place -> place));
    Consumer<byte[], byte[]> consumer = clients.reader(name, 500);
    try {
      LogReader reader = new LogReader(consumer, lineage, ids);
      reader.seek(known);
      return reader;
    } catch (RuntimeException e) {
      consumer.close();
      throw e;
    }
  }

  private void seek(Map<TopicPartition, Place> known) {
    consumer.assign(topicIds.keySet());
    Map<TopicPartition, Long> starts = consumer.beginningOffsets(topicIds.keySet());
    Map<TopicPartition, Long> ends = consumer.endOffsets(topicIds.keySet());
    topicIds.forEach((partition, id) -> {
      Place place = known.get(partition);
      long start = starts.getOrDefault(partition, 0L);
      long end = ends.getOrDefault(partition, start);
      long from =
          place == null || !place.topicId().equals(id)
              ? start
              : Math.max(start, Math.min(end, place.next()));
      consumer.seek(partition, from);
      next.put(partition, from);
    });
  }

  /**
   * The next records, in order per partition; none where none came.
   *
   * @param most how many at most
   * @param wait how long at most for the first
   */
  public List<InputRecord> next(int most, Duration wait) {
    if (polled.isEmpty()) {
      consumer.poll(wait).forEach(polled::add);
    }
    List<InputRecord> records = new ArrayList<>();
    while (records.size() < most && !polled.isEmpty()) {
      ConsumerRecord<byte[], byte[]> record = polled.removeFirst();
      next.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
      if (!lineage.isGhost(record.headers())) {
        records.add(InputRecord.keyless(record));
      }
    }
    if (polled.isEmpty()) {
      // Behind the last record markers of transactions may stand.
      next.replaceAll((partition, _) -> consumer.position(partition));
    }
    return records;
  }

  /** Where it goes on behind the records that it has given. */
  public List<Place> places() {
    List<Place> places = new ArrayList<>(next.size());
    next.forEach((partition, offset) ->
        places.add(
            new Place(
                partition.topic(),
                partition.partition(),
                topicIds.getOrDefault(partition, ""),
                offset)));
    return places;
  }

  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(Duration.ofSeconds(2)));
  }
}
