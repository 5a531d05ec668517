package io.tributary.conditions;

import java.time.Instant;
import java.util.Arrays;

/**
 * When a profile did something: event times in epoch microseconds, latest first. Two events at one
 * moment are two entries.
 */
public final class Occurrences {

  /** None. */
  public static final Occurrences NONE = new Occurrences(new long[0]);

  private final long[] latestFirst;

  private Occurrences(long[] latestFirst) {
    this.latestFirst = latestFirst;
  }

  /** Takes times in any order. */
  public static Occurrences of(long... epochMicros) {
    if (epochMicros.length == 0) {
      return NONE;
    }
    long[] sorted = epochMicros.clone();
    Arrays.sort(sorted);
    for (int i = 0, j = sorted.length - 1; i < j; i++, j--) {
      long swapped = sorted[i];
      sorted[i] = sorted[j];
      sorted[j] = swapped;
    }
    return new Occurrences(sorted);
  }

  /** How many there are. */
  public int size() {
    return latestFirst.length;
  }

  /** The time at this index; 0 is the latest. */
  public long at(int index) {
    return latestFirst[index];
  }

  /** The times, latest first. */
  public long[] toArray() {
    return latestFirst.clone();
  }

  /** These and one more. */
  public Occurrences with(long epochMicros) {
    long[] more = new long[latestFirst.length + 1];
    int i = 0;
    while (i < latestFirst.length && latestFirst[i] >= epochMicros) {
      more[i] = latestFirst[i];
      i++;
    }
    more[i] = epochMicros;
    System.arraycopy(latestFirst, i, more, i + 1, latestFirst.length - i);
    return new Occurrences(more);
  }

  /**
   * Drops what can't decide anything any more: keeps all that lie after now, and the latest {@code
   * keep} of the others. Evaluate the result at that now or later, not earlier.
   */
  public Occurrences prune(int keep, long nowMicros) {
    int kept = future(nowMicros) + keep;
    return kept >= latestFirst.length ? this : new Occurrences(Arrays.copyOf(latestFirst, kept));
  }

  /** As {@link #prune(int, long)}. */
  public Occurrences prune(int keep, Instant now) {
    return prune(keep, micros(now));
  }

  /** The moment in epoch microseconds, anything finer cut off: what this class holds. */
  public static long micros(Instant moment) {
    return Values.micros(moment);
  }

  /** How many lie after now. */
  int future(long nowMicros) {
    int future = 0;
    while (future < latestFirst.length && latestFirst[future] > nowMicros) {
      future++;
    }
    return future;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Occurrences that && Arrays.equals(latestFirst, that.latestFirst);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(latestFirst);
  }

  @Override
  public String toString() {
    return "Occurrences" + Arrays.toString(latestFirst);
  }
}
