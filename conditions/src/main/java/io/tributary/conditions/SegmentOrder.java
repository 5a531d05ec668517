package io.tributary.conditions;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Orders segments that refer to each other so that each comes after those it refers to. */
public final class SegmentOrder {

  private final Map<String, ? extends Collection<String>> references;
  private final Set<String> done = new LinkedHashSet<>();
  private final Set<String> open = new HashSet<>();
  private final ArrayDeque<String> path = new ArrayDeque<>();

  private SegmentOrder(Map<String, ? extends Collection<String>> references) {
    this.references = references;
  }

  /**
   * Finds a circle, as the path through it with the same id first and last; empty when there is
   * none.
   *
   * @param references for each segment the segments it refers to; unknown ones are leaves
   */
  public static Optional<List<String>> findCycle(
      Map<String, ? extends Collection<String>> references) {
    SegmentOrder order = new SegmentOrder(references);
    for (String segmentId : new TreeSet<>(references.keySet())) {
      Optional<List<String>> cycle = order.visit(segmentId);
      if (cycle.isPresent()) {
        return cycle;
      }
    }
    return Optional.empty();
  }

  /**
   * The known segments, each after all it refers to; the same for the same references. Refuses a
   * circle and shows its path.
   */
  public static List<String> sort(Map<String, ? extends Collection<String>> references) {
    SegmentOrder order = new SegmentOrder(references);
    for (String segmentId : new TreeSet<>(references.keySet())) {
      order
          .visit(segmentId)
          .ifPresent(cycle -> {
            throw new IllegalArgumentException(
                "segments refer to each other in a circle: " + String.join(" → ", cycle));
          });
    }
    return order.done.stream().filter(references::containsKey).toList();
  }

  private Optional<List<String>> visit(String segmentId) {
    if (done.contains(segmentId)) {
      return Optional.empty();
    }
    if (!open.add(segmentId)) {
      List<String> cycle = new ArrayList<>(path);
      cycle.subList(0, cycle.indexOf(segmentId)).clear();
      cycle.add(segmentId);
      return Optional.of(List.copyOf(cycle));
    }
    path.addLast(segmentId);
    Collection<String> referred = references.get(segmentId);
    for (String next : referred == null ? new TreeSet<String>() : new TreeSet<>(referred)) {
      Optional<List<String>> cycle = visit(next);
      if (cycle.isPresent()) {
        return cycle;
      }
    }
    path.removeLast();
    open.remove(segmentId);
    done.add(segmentId);
    return Optional.empty();
  }
}
