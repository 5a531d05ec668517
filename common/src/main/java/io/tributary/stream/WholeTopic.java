package io.tributary.stream;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads a topic, all of it or the latest of it, to where it ends now. */
public final class WholeTopic {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private WholeTopic() {}

  /** Hands over every committed record, in order per partition. */
  public static void read(KafkaClients clients, String topic, Consumer<InputRecord> reader) {
    read(clients, topic, Long.MAX_VALUE, Duration.ofDays(1), reader);
  }

  /**
   * Hands over the latest committed records, in order per partition.
   *
   * @param each how many of each partition at most
   * @param time after which no more are handed over
   */
  public static void read(
      KafkaClients clients, String topic, long each, Duration time, Consumer<InputRecord> reader) {
    long end = System.nanoTime() + time.toNanos();
    try (var consumer = clients.consumer("whole." + topic, "whole-" + topic, 1_000)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      consumer
          .beginningOffsets(partitions)
          .forEach((partition, start) ->
              consumer.seek(partition, Math.max(start, ends.getOrDefault(partition, 0L) - each)));
      long progress = System.nanoTime();
      while (System.nanoTime() < end
          && ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          progress = System.nanoTime();
          reader.accept(InputRecord.keyless(record));
        }
        if (System.nanoTime() - progress > PATIENCE.toNanos()) {
          throw new KafkaException("reading " + topic + ": no progress for " + PATIENCE);
        }
      }
    }
  }
}
