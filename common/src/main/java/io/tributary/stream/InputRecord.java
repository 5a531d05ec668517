package io.tributary.stream;

import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * One record as it lies in the log.
 *
 * @param key the partitioning key; empty when the record has none
 * @param timestamp when it was appended
 * @param trace to give to what it brings about; null when it isn't followed
 * @param again whether who appended it had had its effect before and may have appended it then
 */
public record InputRecord(
    String topic,
    int partition,
    long offset,
    String key,
    byte[] value,
    Instant timestamp,
    @Nullable String trace,
    boolean again) {
  /** A record that isn't followed. */
  public InputRecord(
      String topic, int partition, long offset, String key, byte[] value, Instant timestamp) {
    this(topic, partition, offset, key, value, timestamp, null, false);
  }

  /** A record that isn't followed, by whoever doesn't look at keys. */
  static InputRecord keyless(ConsumerRecord<byte[], byte[]> record) {
    return new InputRecord(
        record.topic(),
        record.partition(),
        record.offset(),
        "",
        record.value() == null ? new byte[0] : record.value(),
        Instant.ofEpochMilli(record.timestamp()));
  }

  InputRecord following(@Nullable String other) {
    return new InputRecord(topic, partition, offset, key, value, timestamp, other, again);
  }
}
