package io.tributary.stream;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads a topic from its beginning to where it ends now. */
public final class WholeTopic {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private WholeTopic() {}

  /** Hands over every committed record, in order per partition. */
  public static void read(KafkaClients clients, String topic, Consumer<InputRecord> reader) {
    try (var consumer = clients.consumer("whole." + topic, "whole-" + topic, 1_000)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      long progress = System.nanoTime();
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          progress = System.nanoTime();
          reader.accept(
              new InputRecord(
                  record.topic(),
                  record.partition(),
                  record.offset(),
                  "",
                  record.value() == null ? new byte[0] : record.value(),
                  Instant.ofEpochMilli(record.timestamp())));
        }
        if (System.nanoTime() - progress > PATIENCE.toNanos()) {
          throw new KafkaException("reading " + topic + ": no progress for " + PATIENCE);
        }
      }
    }
  }
}
