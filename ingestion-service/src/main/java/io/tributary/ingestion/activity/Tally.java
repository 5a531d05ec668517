package io.tributary.ingestion.activity;

import io.tributary.event.EventDraft;
import io.tributary.event.EventType;
import io.tributary.ingestion.accept.Library;
import io.tributary.ingestion.accept.Reason;
import io.tributary.ingestion.accept.Sending;
import io.tributary.ingestion.accept.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The figures of one source in one hour, as far as they aren't written yet. Names stay when their
 * counts are taken, so that whoever sends new names all the time fills neither the memory nor the
 * database. Not safe for several threads; {@link Activity} lets in one at a time.
 */
final class Tally {
  /** Names of events that are counted apart in an hour; those beyond count in the sums only. */
  static final int MAX_EVENTS = 200;

  /** Libraries in their versions, in the same way. */
  static final int MAX_LIBRARIES = 50;

  private static final int NAME_LENGTH = 128;
  private static final long MINUTE = 60_000;

  private final AtomicInteger room;
  private final Map<Counter, Sum> counts = new EnumMap<>(Counter.class);
  private final Seen events = new Seen();
  private final Map<EventType, Seen> types = new EnumMap<>(EventType.class);
  private final Map<String, Seen> tracks = new HashMap<>();
  private final Map<Library, Seen> libraries = new HashMap<>();
  private final Map<String, Seen> reasons = new HashMap<>();
  private final Map<String, Seen> refusals = new HashMap<>();
  private final Map<String, Seen> keys = new HashMap<>();
  private final Seen[] skew = new Seen[2 * Skew.LAST + 1];
  private int names;

  /** Since it was written last. */
  private static final class Sum {
    private long value;
  }

  /** How often, and when first and last, since it was written last. */
  static final class Seen {
    private long count;
    private long first;
    private long last;

    void add(long at) {
      first = count == 0 ? at : Math.min(first, at);
      last = count == 0 ? at : Math.max(last, at);
      count++;
    }

    long count() {
      return count;
    }

    Increment.Span span() {
      return new Increment.Span(Instant.ofEpochMilli(first), Instant.ofEpochMilli(last));
    }
  }

  /**
   * Without any figures.
   *
   * @param room how many names all tallies together may still take
   */
  Tally(AtomicInteger room) {
    this.room = room;
    for (Counter counter : Counter.values()) {
      counts.put(counter, new Sum());
    }
  }

  /** Counts the events of a request. */
  void events(List<Verdict> verdicts, boolean retried, Instant at) {
    long now = at.toEpochMilli();
    for (Verdict verdict : verdicts) {
      events.add(now);
      switch (verdict) {
        case Verdict.Accepted event -> accepted(event.draft(), event.sending(), now);
        case Verdict.Rejected event -> {
          count(Counter.REFUSED, 1);
          for (Reason reason : event.reasons()) {
            seen(reasons, reason.code(), Integer.MAX_VALUE, now);
          }
        }
      }
    }
    count(Counter.RETRIED_EVENTS, retried ? verdicts.size() : 0);
  }

  private void accepted(EventDraft event, Sending sending, long now) {
    count(Counter.ACCEPTED, 1);
    if (event.type() == EventType.TRACK) {
      seen(tracks, cut(event.event()), MAX_EVENTS, now);
    } else {
      types.computeIfAbsent(event.type(), _ -> new Seen()).add(now);
    }
    if (sending.library() == null) {
      count(Counter.WITHOUT_LIBRARY, 1);
    } else {
      seen(libraries, sending.library(), MAX_LIBRARIES, now);
    }
    if (sending.sentAt() == null) {
      count(Counter.WITHOUT_SENT_AT, 1);
    } else {
      // Far from any long's end: times that are accepted have years of four digits.
      long off = event.receivedAt().toEpochMilli() - sending.sentAt().toEpochMilli();
      int bucket = Skew.bucket(off) + Skew.LAST;
      Seen seen = skew[bucket] == null ? new Seen() : skew[bucket];
      seen.add(now);
      skew[bucket] = seen;
      count(Counter.CLOCK_OFF, Math.abs(off) > MINUTE ? 1 : 0);
    }
    count(Counter.IN_FUTURE, sending.inFuture() ? 1 : 0);
  }

  /**
   * Counts a request.
   *
   * @param code why it was refused; null when it wasn't
   */
  void request(@Nullable String code, boolean retried, long bytes, Instant at) {
    count(Counter.REQUESTS, 1);
    count(Counter.RETRIED_REQUESTS, retried ? 1 : 0);
    count(Counter.BYTES, bytes);
    if (code != null) {
      count(Counter.REFUSED_REQUESTS, 1);
      seen(refusals, code, Integer.MAX_VALUE, at.toEpochMilli());
    }
  }

  /** Counts a request that came with this write key. */
  void key(String key, Instant at) {
    seen(keys, key, Integer.MAX_VALUE, at.toEpochMilli());
  }

  /** What came since this was called last; null for nothing. */
  @Nullable Increment take(Bucket bucket) {
    Map<Counter, Long> counted = new EnumMap<>(Counter.class);
    counts.forEach((counter, sum) -> {
      if (sum.value != 0) {
        counted.put(counter, sum.value);
        sum.value = 0;
      }
    });
    if (counted.isEmpty()) {
      return null;
    }
    List<Increment.Named> named = new ArrayList<>();
    types.forEach((type, seen) -> take(named, Kind.TYPE, type.wire(), "", seen));
    tracks.forEach((name, seen) -> take(named, Kind.TRACK, name, "", seen));
    libraries.forEach(
        (library, seen) -> take(named, Kind.LIBRARY, library.name(), library.version(), seen));
    reasons.forEach((code, seen) -> take(named, Kind.REASON, code, "", seen));
    refusals.forEach((code, seen) -> take(named, Kind.REQUEST, code, "", seen));
    keys.forEach((key, seen) -> take(named, Kind.KEY, key, "", seen));
    for (int i = 0; i < skew.length; i++) {
      take(named, Kind.SKEW, String.valueOf(i - Skew.LAST), "", skew[i]);
    }
    Increment.Span span = events.count == 0 ? null : events.span();
    events.count = 0;
    return new Increment(bucket, counted, span, named);
  }

  private static void take(
      List<Increment.Named> into, Kind kind, String name, String detail, @Nullable Seen seen) {
    if (seen != null && seen.count > 0) {
      into.add(new Increment.Named(kind, name, detail, seen.count, seen.span()));
      seen.count = 0;
    }
  }

  /** Gives back the room of its names, when it's dropped. */
  void leave() {
    room.addAndGet(names);
  }

  private void count(Counter counter, long by) {
    Objects.requireNonNull(counts.get(counter)).value += by;
  }

  private <T> void seen(Map<T, Seen> map, T name, int max, long now) {
    Seen seen = map.get(name);
    if (seen == null) {
      if (map.size() >= max || room.get() <= 0) {
        return;
      }
      room.decrementAndGet();
      names++;
      seen = new Seen();
      map.put(name, seen);
    }
    seen.add(now);
  }

  private static String cut(@Nullable String text) {
    if (text == null || text.length() <= NAME_LENGTH) {
      return text == null ? "" : text;
    }
    boolean half = Character.isHighSurrogate(text.charAt(NAME_LENGTH - 1));
    return text.substring(0, half ? NAME_LENGTH - 1 : NAME_LENGTH);
  }
}
