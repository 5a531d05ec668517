package io.tributary.ingestion.activity;

import io.tributary.access.Secrets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What came from each source since it was written last, in memory. Bounded: beyond 10,000 sources
 * in an hour, and 50,000 names in all, the rest isn't counted. Safe for many threads; those of one
 * source wait for each other, as long as it takes to count a request.
 */
public final class Activity {
  private static final int MAX_TALLIES = 10_000;
  private static final int MAX_NAMES = 50_000;
  private static final int MAX_UNKNOWN = 200;

  private final ConcurrentHashMap<Bucket, Tally> tallies = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Tally.Seen> unknown = new ConcurrentHashMap<>();
  private final AtomicInteger room;

  /** Without any figures. */
  public Activity() {
    this(MAX_NAMES);
  }

  Activity(int names) {
    this.room = new AtomicInteger(names);
  }

  /**
   * Begins to note a request.
   *
   * @param retried whether the sender says that it has sent it before
   */
  public Visit visit(Instant at, boolean retried) {
    return new Visit(this, at, retried);
  }

  /**
   * Notes that a request came with a key that isn't valid. Whether it was once is looked up later,
   * of 200 different keys a second: whoever guesses keys costs no more than that.
   */
  public void unknownKey(String key, Instant at) {
    if (!Secrets.looksLikeWriteKey(key)) {
      return;
    }
    unknown.compute(
        key,
        (_, seen) -> {
          if (seen == null && unknown.mappingCount() >= MAX_UNKNOWN) {
            return null;
          }
          Tally.Seen into = seen == null ? new Tally.Seen() : seen;
          into.add(at.toEpochMilli());
          return into;
        });
  }

  void add(Bucket bucket, Consumer<Tally> what) {
    tallies.compute(
        bucket,
        (_, tally) -> {
          if (tally == null && tallies.mappingCount() >= MAX_TALLIES) {
            return null;
          }
          Tally into = tally == null ? new Tally(room) : tally;
          what.accept(into);
          return into;
        });
  }

  /** Takes what came since this was called last. */
  List<Increment> take(Instant now) {
    Instant hour = now.truncatedTo(ChronoUnit.HOURS);
    List<Increment> taken = new ArrayList<>();
    for (Bucket bucket : tallies.keySet()) {
      tallies.computeIfPresent(
          bucket,
          (_, tally) -> {
            Increment increment = tally.take(bucket);
            if (increment != null) {
              taken.add(increment);
            }
            return keptIn(hour, bucket, tally);
          });
    }
    return taken;
  }

  /** The hour's names are forgotten when it's over, and with them what was taken of it. */
  private static @Nullable Tally keptIn(Instant hour, Bucket bucket, Tally tally) {
    if (bucket.hour().isBefore(hour)) {
      tally.leave();
      return null;
    }
    return tally;
  }

  /** Takes the requests whose keys weren't valid, by key. */
  Map<String, Tally.Seen> takeUnknown() {
    Map<String, Tally.Seen> taken = new HashMap<>();
    for (String key : unknown.keySet()) {
      Tally.Seen seen = unknown.remove(key);
      if (seen != null) {
        taken.put(key, seen);
      }
    }
    return taken;
  }
}
