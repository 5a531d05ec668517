package io.tributary.benchmarks;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What to measure.
 *
 * @param data the data directory of the running product, which holds its connection.json
 * @param seconds how long the whole run lasts, about
 * @param json where the figures go, and a table beside it with the ending .md
 * @param profiles how many people the events are about
 * @param segments how many segments are active
 * @param phases what of it
 * @param receiverPort a port of this machine to which the product may post, for destinations
 * @param commit what was built, for the report
 */
record Options(
    Path data,
    int seconds,
    Path json,
    int profiles,
    int segments,
    Set<Phase> phases,
    int receiverPort,
    String commit) {
  private static final int LONG_RUN = 300;
  private static final int ALL_PROFILES = 200_000;
  private static final List<String> NAMES =
      List.of(
          "data", "seconds", "json", "profiles", "segments", "phases", "receiver-port", "commit");

  static Options of(String[] arguments) {
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length || !arguments[i].startsWith("--")) {
        throw new IllegalArgumentException("--option value is expected, not " + arguments[i]);
      }
      given.put(arguments[i].substring(2), arguments[i + 1]);
    }
    int seconds = number(given, "seconds", LONG_RUN, 10);
    int share =
        Math.max(5_000, (int) Math.min(ALL_PROFILES, ALL_PROFILES * (long) seconds / LONG_RUN));
    Options options =
        new Options(
            Path.of(given.getOrDefault("data", "bench-data")),
            seconds,
            Path.of(given.getOrDefault("json", "bench.json")),
            number(given, "profiles", share, 100),
            number(given, "segments", 20, 0),
            Phase.of(given.getOrDefault("phases", Phase.ALL)),
            number(given, "receiver-port", 0, 0),
            given.getOrDefault("commit", "unknown"));
    given.keySet().removeAll(NAMES);
    if (!given.isEmpty()) {
      throw new IllegalArgumentException("unknown option --" + given.keySet().iterator().next());
    }
    return options;
  }

  private static int number(Map<String, String> given, String name, int otherwise, int least) {
    String text = given.get(name);
    int number;
    try {
      number = text == null ? otherwise : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--" + name + " must be a whole number, not " + text, e);
    }
    if (number < least) {
      throw new IllegalArgumentException("--" + name + " must be at least " + least);
    }
    return number;
  }
}
