package io.tributary.ingestion.activity;

import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a source.
 *
 * @param ever since the source was made; null when nothing ever came
 * @param hours those of today and the seven days before in which something came, the oldest first
 * @param names of the same days, of each kind the most frequent first
 * @param keys those that are valid and those that were seen since they were revoked, the oldest
 *     first
 */
record Figures(
    Origin source,
    @Nullable Ever ever,
    List<Hour> hours,
    Map<Kind, List<Item>> names,
    List<Key> keys) {
  /** Copies what it's given. */
  Figures {
    hours = List.copyOf(hours);
    names = Map.copyOf(names);
    keys = List.copyOf(keys);
  }

  /** A source. */
  record Origin(String id, boolean enabled, Instant createdAt) {}

  /** Events since the source was made. */
  record Ever(long accepted, long refused, Instant first, Instant last) {}

  /** What came in an hour. */
  record Hour(Instant hour, Counts counts) {}

  /**
   * So many of something.
   *
   * @param recent how many of them today and yesterday, in UTC
   */
  record Item(String name, String detail, long count, long recent, Instant first, Instant last) {}

  /**
   * A write key and how it was used.
   *
   * @param used requests in these days, the ones turned away included
   * @param lastUsed the last of them
   */
  record Key(
      String id,
      Instant createdAt,
      @Nullable Instant revokedAt,
      long used,
      long turnedAway,
      @Nullable Instant lastUsed) {}

  /** Numbers by what they count; what isn't there is 0. */
  record Counts(Map<Counter, Long> values) {
    Counts {
      values = Map.copyOf(values);
    }

    long get(Counter counter) {
      return values.getOrDefault(counter, 0L);
    }

    long received() {
      return get(Counter.ACCEPTED) + get(Counter.REFUSED);
    }
  }

  List<Item> of(Kind kind) {
    return names.getOrDefault(kind, List.of());
  }

  /** The sum of the hours that begin at or after an instant. */
  Counts since(Instant from) {
    Map<Counter, Long> sum = new EnumMap<>(Counter.class);
    for (Hour hour : hours) {
      if (!hour.hour().isBefore(from)) {
        hour.counts().values().forEach((counter, count) -> sum.merge(counter, count, Long::sum));
      }
    }
    return new Counts(sum);
  }

  /** How far clocks were off in all these days. */
  Skew skew() {
    return skew(false);
  }

  /** How far clocks were off today and yesterday. */
  Skew recentSkew() {
    return skew(true);
  }

  private Skew skew(boolean recent) {
    TreeMap<Integer, Long> counts = new TreeMap<>();
    for (Item item : of(Kind.SKEW)) {
      long count = recent ? item.recent() : item.count();
      if (count > 0) {
        counts.put(Integer.parseInt(item.name()), count);
      }
    }
    return new Skew(counts);
  }
}
