package io.tributary.campaign.template;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counts how deeply a template is nested before it's given to the parser, whose time and stack grow
 * with the depth. It counts in comments and raw blocks, too, so it may refuse what could be parsed.
 */
final class Nesting {
  static final int DEEPEST = 40;
  private static final Pattern STEP =
      Pattern.compile(
          "\\{%-?\\s*(?:(end)?(if|unless|case|for|capture)\\b)?|\\{\\{|[(\\[]|[)\\]]|[%}]\\}");

  private Nesting() {}

  static boolean isTooDeep(String source) {
    int blocks = 0;
    int brackets = 0;
    boolean inside = false;
    Matcher step = STEP.matcher(source);
    while (step.find()) {
      char first = source.charAt(step.start());
      if (step.group(2) != null) {
        blocks = step.group(1) == null ? blocks + 1 : Math.max(0, blocks - 1);
      }
      if (first == '{' || first == '%' || first == '}') {
        inside = first == '{';
        brackets = 0;
      } else if (inside) {
        brackets = Math.max(0, brackets + (first == '(' || first == '[' ? 1 : -1));
      }
      if (blocks > DEEPEST || brackets > DEEPEST) {
        return true;
      }
    }
    return false;
  }
}
