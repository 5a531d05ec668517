package io.tributary.stream;

import io.tributary.stream.Progress.Hop;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** As Kafka answers. */
final class KafkaOffsets implements Offsets {
  private final Admin admin;

  /** The partitions of each topic; their number never changes. */
  private final Map<String, Set<TopicPartition>> partitions = new ConcurrentHashMap<>();

  KafkaOffsets(Admin admin) {
    this.admin = admin;
  }

  @Override
  public Map<TopicPartition, Long> committed(Hop hop) {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    Await.result(
            "reading the offsets of group " + hop.group(),
            admin.listConsumerGroupOffsets(hop.group()).partitionsToOffsetAndMetadata())
        .forEach((partition, offset) -> {
          if (offset != null) {
            offsets.put(partition, offset.offset());
          }
        });
    return Map.copyOf(offsets);
  }

  @Override
  public Map<TopicPartition, Long> end(Hop hop) {
    Set<TopicPartition> all = partitions(hop.topic());
    ListOffsetsResult offsets =
        admin.listOffsets(
            all.stream().collect(Collectors.toMap(one -> one, _ -> OffsetSpec.latest())),
            // Not the committed end: a transaction that is still open holds it before what others
            // have committed behind it.
            new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED));
    Map<TopicPartition, Long> ends = new HashMap<>();
    for (TopicPartition partition : all) {
      ends.put(
          partition,
          Await.result("reading the end of " + partition, offsets.partitionResult(partition))
              .offset());
    }
    return Map.copyOf(ends);
  }

  private Set<TopicPartition> partitions(String topic) {
    Set<TopicPartition> known = partitions.get(topic);
    if (known != null) {
      return known;
    }
    Set<TopicPartition> found =
        Await.result("describing " + topic, admin.describeTopics(List.of(topic)).allTopicNames())
            .values()
            .stream()
            .flatMap(description -> description.partitions().stream())
            .map(info -> new TopicPartition(topic, info.partition()))
            .collect(Collectors.toUnmodifiableSet());
    partitions.put(topic, found);
    return found;
  }
}
