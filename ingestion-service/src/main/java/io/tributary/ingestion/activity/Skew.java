package io.tributary.ingestion.activity;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far senders' clocks are off, in milliseconds: {@code receivedAt - sentAt}, positive where a
 * clock is behind or the way took long, negative where it's ahead. Kept as a histogram with two
 * buckets for each power of two, so that what is told lies within a quarter of the truth.
 *
 * @param counts events by bucket
 */
record Skew(SortedMap<Integer, Long> counts) {
  /** The bucket of 2^32 ms, 49 days; farther off counts as that. */
  static final int LAST = 2 * 32 + 1;

  /** Copies the counts. */
  Skew {
    counts = new TreeMap<>(counts);
  }

  /** The bucket of a difference, from {@code -LAST} to {@code LAST}. */
  static int bucket(long millis) {
    long size = Math.min(Math.abs(Math.max(millis, -Long.MAX_VALUE)), 1L << 32);
    if (size == 0) {
      return 0;
    }
    int octave = 63 - Long.numberOfLeadingZeros(size);
    int half = octave == 0 ? 0 : (int) (size >> (octave - 1)) & 1;
    int bucket = 2 * octave + half + 1;
    return millis < 0 ? -bucket : bucket;
  }

  /** What stands for all differences in a bucket. */
  static long middle(int bucket) {
    int size = Math.abs(bucket);
    if (size <= 2) {
      return Integer.signum(bucket);
    }
    int octave = (size - 1) / 2;
    long width = 1L << (octave - 1);
    long middle = (2L + (size - 1) % 2) * width + width / 2;
    return bucket < 0 ? -middle : middle;
  }

  long total() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Half of the events lie below it; 0 where there are none. */
  long median() {
    return at(counts, (total() + 1) / 2);
  }

  /** So far off, either way, are 95 of 100 events at most; 0 where there are none. */
  long ninetyFifth() {
    SortedMap<Integer, Long> sizes = new TreeMap<>();
    counts.forEach((bucket, count) -> sizes.merge(Math.abs(bucket), count, Long::sum));
    return at(sizes, (total() * 95 + 99) / 100);
  }

  /** The one that is off farthest, either way; 0 where there are none. */
  long worst() {
    if (counts.isEmpty()) {
      return 0;
    }
    int first = counts.firstKey();
    int last = counts.lastKey();
    return middle(Math.abs(first) > Math.abs(last) ? first : last);
  }

  private static long at(SortedMap<Integer, Long> counts, long rank) {
    long below = 0;
    for (Map.Entry<Integer, Long> bucket : counts.entrySet()) {
      below += bucket.getValue();
      if (below >= rank) {
        return middle(bucket.getKey());
      }
    }
    return 0;
  }
}
