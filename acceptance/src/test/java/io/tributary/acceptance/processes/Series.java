package io.tributary.acceptance.processes;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A time series, or which ones are meant: a name and labels.
 *
 * @param labels without those that Prometheus adds to all that it collects
 */
record Series(String name, Map<String, String> labels) {

  /** Labels by which Prometheus tells apart from where it has something. */
  static final Set<String> ADDED = Set.of("job", "instance", "service");

  private static final Pattern SERIES =
      Pattern.compile("(?m)^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? \\S+$");
  private static final Pattern LABEL =
      Pattern.compile("\\s*([a-zA-Z0-9_]+)=\"((?:[^\"\\\\]|\\\\.)*)\"\\s*(?:,|$)");

  static Series of(String name, String labels) {
    Map<String, String> all = new HashMap<>();
    Matcher label = LABEL.matcher(labels);
    int at = 0;
    while (label.find()) {
      if (label.start() != at) {
        throw new IllegalArgumentException("labels not understood: " + labels);
      }
      at = label.end();
      all.put(label.group(1), label.group(2));
    }
    if (at != labels.length()) {
      throw new IllegalArgumentException("labels not understood: " + labels);
    }
    all.keySet().removeAll(ADDED);
    return new Series(name, Map.copyOf(all));
  }

  /** Those in an answer in Prometheus' text format. */
  static List<Series> exported(String answer) {
    return SERIES
        .matcher(answer)
        .results()
        .map(line -> of(line.group(1), line.group(2) == null ? "" : line.group(2)))
        .toList();
  }

  /** Whether this, as which ones are meant, means another. */
  boolean means(Series other) {
    return name.equals(other.name) && other.labels.entrySet().containsAll(labels.entrySet());
  }
}
