package io.tributary.campaign.template;

/**
 * One thing wrong with a template.
 *
 * @param line from 1
 * @param column from 1
 */
public record TemplateProblem(int line, int column, String message) {
  @Override
  public String toString() {
    return "line " + line + ", column " + column + ": " + message;
  }
}
