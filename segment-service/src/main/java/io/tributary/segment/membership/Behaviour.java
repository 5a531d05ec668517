package io.tributary.segment.membership;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * When one home did what a pattern describes, latest first. An occurrence is named by the hash of
 * its message, so that one that comes again (streamed and read back from the store) counts once.
 */
public final class Behaviour {
  /** Nothing yet. */
  public static final Behaviour NONE = new Behaviour(List.of());

  /** More than any pattern keeps: bounds what a flood of events ahead of the timers can pile up. */
  private static final int MAX_AHEAD = 2_000;

  private final List<Occurrence> latestFirst;

  /**
   * One event that matched.
   *
   * @param time epoch microseconds
   * @param id hash of the message id
   */
  public record Occurrence(long time, long id) implements Comparable<Occurrence> {
    @Override
    public int compareTo(Occurrence other) {
      int byTime = Long.compare(other.time, time);
      return byTime != 0 ? byTime : Long.compare(id, other.id);
    }
  }

  private Behaviour(List<Occurrence> latestFirst) {
    this.latestFirst = latestFirst;
  }

  /** Occurrences in any order; one that is named twice counts once. */
  public static Behaviour of(List<Occurrence> occurrences) {
    return NONE.with(occurrences);
  }

  /** As the store keeps it: two parallel arrays. */
  public static Behaviour of(Long[] times, Long[] ids) {
    List<Occurrence> occurrences = new ArrayList<>(times.length);
    for (int i = 0; i < times.length; i++) {
      occurrences.add(new Occurrence(times[i], ids[i]));
    }
    return NONE.with(occurrences);
  }

  /** These and more. */
  public Behaviour with(List<Occurrence> more) {
    Set<Occurrence> distinct = new HashSet<>(latestFirst);
    List<Occurrence> all = new ArrayList<>(latestFirst);
    for (Occurrence occurrence : more) {
      if (distinct.add(occurrence)) {
        all.add(occurrence);
      }
    }
    all.sort(null);
    return new Behaviour(List.copyOf(all));
  }

  /**
   * Drops what can decide nothing at this moment or later: keeps all that lie after it and the
   * latest others.
   */
  public Behaviour pruned(int keep, long momentMicros) {
    int after = 0;
    while (after < latestFirst.size() && latestFirst.get(after).time() > momentMicros) {
      after++;
    }
    int kept = Math.min(latestFirst.size(), Math.min(after, MAX_AHEAD) + keep);
    return kept == latestFirst.size() ? this : new Behaviour(latestFirst.subList(0, kept));
  }

  /** The occurrences, latest first. */
  public List<Occurrence> latestFirst() {
    return latestFirst;
  }

  /** Their times as the store keeps them. */
  public Long[] times() {
    return latestFirst.stream().map(Occurrence::time).toArray(Long[]::new);
  }

  /** Their message hashes as the store keeps them. */
  public Long[] ids() {
    return latestFirst.stream().map(Occurrence::id).toArray(Long[]::new);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Behaviour that && latestFirst.equals(that.latestFirst);
  }

  @Override
  public int hashCode() {
    return latestFirst.hashCode();
  }

  @Override
  public String toString() {
    return "Behaviour" + latestFirst;
  }
}
