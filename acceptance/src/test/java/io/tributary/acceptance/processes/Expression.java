package io.tributary.acceptance.processes;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An expression in PromQL, as much of it as is used here.
 *
 * @param asked the series that it asks for
 * @param grouped the labels by which it groups them
 * @param given labels that the result has without having been asked for
 */
record Expression(String text, List<Series> asked, Set<String> grouped, Set<String> given) {

  private static final Pattern TOKEN =
      Pattern.compile(
          """
          "[^"]*"
          |\\[[^\\]]*]
          |[0-9][0-9.a-z]*
          |\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\((?<grouped>[^)]*)\\)
          |(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(?<labels>[^}]*)}|(?<call>\\s*\\())?
          """,
          Pattern.COMMENTS);

  private static final Pattern REPLACED =
      Pattern.compile("label_replace\\((?:[^()]|\\([^()]*\\))*?, \"([a-z]+)\"");

  private static final Set<String> WORDS =
      Set.of("and", "or", "unless", "bool", "sum", "max", "min", "avg", "count");

  static Expression of(String text) {
    List<Series> asked = new ArrayList<>();
    Set<String> grouped = new TreeSet<>();
    Matcher token = TOKEN.matcher(text);
    while (token.find()) {
      if (token.group("grouped") != null) {
        grouped.addAll(List.of(token.group("grouped").strip().split("\\s*,\\s*")));
      } else if (token.group("name") != null
          && token.group("call") == null
          && !WORDS.contains(token.group("name"))) {
        String labels = token.group("labels");
        asked.add(Series.of(token.group("name"), labels == null ? "" : labels));
      }
    }
    Set<String> given = new TreeSet<>();
    REPLACED.matcher(text).results().forEach(found -> given.add(found.group(1)));
    return new Expression(text, List.copyOf(asked), Set.copyOf(grouped), Set.copyOf(given));
  }

  /** What it asks for, or groups by, that nobody exports. */
  List<String> unknown(List<Series> exported) {
    List<String> unknown = new ArrayList<>();
    for (Series series : asked) {
      // Prometheus makes this one itself.
      if (series.name().equals("up")) {
        continue;
      }
      List<Series> meant = exported.stream().filter(series::means).toList();
      if (meant.isEmpty()) {
        unknown.add(series + " in " + text);
      }
      for (String label : grouped) {
        if (!Series.ADDED.contains(label)
            && meant.stream().anyMatch(one -> !one.labels().containsKey(label))) {
          unknown.add("label " + label + " of " + series + " in " + text);
        }
      }
    }
    return unknown;
  }
}
