package io.tributary.segment.membership;

import java.util.List;

/**
 * What follows for one profile.
 *
 * @param transitions the crossings, in order
 * @param changed the standings that are new or other than before, the last of each segment
 */
public record Decision(List<Transition> transitions, List<Standing> changed) {
  /** Copies the lists. */
  public Decision {
    transitions = List.copyOf(transitions);
    changed = List.copyOf(changed);
  }

  /** Whether nothing follows. */
  public boolean isEmpty() {
    return changed.isEmpty();
  }
}
