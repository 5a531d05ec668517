package io.tributary.stream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Where an appended record comes from, in its header: so that a reader can tell, after a restore of
 * Postgres, what was said by effects that the restored database doesn't have.
 *
 * @param lineage of the database when it was said
 * @param origin the stage's partition or the change log's shard
 * @param number the input's offset or the row's id
 */
record Source(int lineage, String origin, long number) {
  static final String HEADER = "source";

  /** The origin of what a stage says about the records of a partition. */
  static String ofStage(String consumer, String topic, int partition) {
    return consumer + "/" + topic + "/" + partition;
  }

  /** The origin of a change log's rows. */
  static String ofLog(String name, int shard) {
    return "log." + name + "/" + shard;
  }

  byte[] encode() {
    byte[] name = origin.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(12 + name.length).putInt(lineage).putLong(number).put(name).array();
  }

  /** Empty for records that nobody derived from others. */
  static Optional<Source> of(Headers headers) {
    Header header = headers.lastHeader(HEADER);
    if (header == null || header.value() == null || header.value().length < 12) {
      return Optional.empty();
    }
    ByteBuffer bytes = ByteBuffer.wrap(header.value());
    int lineage = bytes.getInt();
    long number = bytes.getLong();
    return Optional.of(
        new Source(lineage, StandardCharsets.UTF_8.decode(bytes).toString(), number));
  }
}
