package io.tributary.conditions;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gathers what is wrong while a condition is read, up to a bound. */
final class Problems {

  private static final int MAX_PROBLEMS = 100;
  private static final int MAX_SHOWN = 60;

  private final List<Problem> found = new ArrayList<>();

  void add(String path, String code, String message) {
    if (found.size() < MAX_PROBLEMS) {
      found.add(new Problem(path, code, message));
    }
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  List<Problem> found() {
    return List.copyOf(found);
  }

  /** A user's text in quotes, cut when long. */
  static String shown(String text) {
    return "\"" + (text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…") + "\"";
  }

  /** " Did you mean x?" for the option that is nearest, if one is near enough; else nothing. */
  static String suggestion(String word, Collection<String> options) {
    String nearest = nearest(word, options);
    return nearest == null ? "" : " Did you mean \"" + nearest + "\"?";
  }

  private static @Nullable String nearest(String word, Collection<String> options) {
    if (word.length() > MAX_SHOWN) {
      return null;
    }
    String normal = word.toLowerCase(java.util.Locale.ROOT).replace('-', '_').replace(' ', '_');
    String nearest = null;
    int least = Math.max(2, word.length() / 3) + 1;
    for (String option : options) {
      int distance = distance(normal, option.toLowerCase(java.util.Locale.ROOT));
      if (distance < least) {
        least = distance;
        nearest = option;
      }
    }
    return nearest;
  }

  /** Levenshtein's distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, Math.min(above, row[j - 1]) + 1);
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
