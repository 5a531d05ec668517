package io.tributary.stream;

import io.tributary.stream.Progress.Hop;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** How far groups and topics are. */
interface Offsets {
  /** What a stage has committed, never older than the question. */
  Map<TopicPartition, Long> committed(Hop hop);

  /**
   * The end of what a stage reads, never older than the question: behind everything that was
   * committed before, also where a transaction is still open.
   */
  Map<TopicPartition, Long> end(Hop hop);

  /** Those to several questions at once: each is asked when it first comes up, and then kept. */
  static Offsets once(Offsets offsets) {
    Map<Hop, Map<TopicPartition, Long>> committed = new HashMap<>();
    Map<Hop, Map<TopicPartition, Long>> ends = new HashMap<>();
    return new Offsets() {
      @Override
      public Map<TopicPartition, Long> committed(Hop hop) {
        return committed.computeIfAbsent(hop, offsets::committed);
      }

      @Override
      public Map<TopicPartition, Long> end(Hop hop) {
        return ends.computeIfAbsent(hop, offsets::end);
      }
    };
  }
}
