package io.tributary.benchmarks;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What a run consists of, in this order. People are always made first. */
enum Phase {
  /** What the machine does with one thing at a time. */
  BASELINE,
  /** As fast as all stages keep up. */
  FULL,
  /** Nine tenths of that; needs {@link #FULL}. */
  STEADY,
  /** One event to a request. */
  SINGLE,
  /** 2,000 events a second, with people looking. */
  GENTLE,
  /** Full speed with and without a tracking plan, steps and enrichments. */
  GOVERNED,
  /** A quick destination alone and beside a dead and a slow one. */
  DESTINATIONS;

  /** A list of all. */
  static final String ALL =
      Arrays.stream(values()).map(Phase::word).collect(Collectors.joining(","));

  /** Phases from a list such as {@code full,gentle}. */
  static Set<Phase> of(String list) {
    Set<Phase> phases = EnumSet.noneOf(Phase.class);
    for (String word : list.split(",")) {
      phases.add(
          Arrays.stream(values())
              .filter(phase -> phase.word().equals(word.strip()))
              .findFirst()
              .orElseThrow(() ->
                  new IllegalArgumentException("--phases knows " + ALL + ", not " + word.strip())));
    }
    if (phases.contains(STEADY) && !phases.contains(FULL)) {
      throw new IllegalArgumentException("--phases: steady follows from full; name both");
    }
    return phases;
  }

  private String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
