package io.tributary.ingestion.plan;

import java.util.regex.Pattern;

/**
 * One way in which an event breaks its plan. Holds names, never values.
 *
 * @param event the tracked event's name, at most 200 characters; for another call its type
 * @param path the field, such as {@code properties.products[0].price}, at most 200 characters
 * @param found the JSON type of what stands there, or {@code missing}
 * @param message what the plan wants, without the value
 */
public record Violation(String event, String path, Kind kind, String found, String message) {
  static final int MAX_NAME = 200;
  private static final Pattern INDEX = Pattern.compile("\\[\\d+]");

  /** Cuts what is long. */
  public Violation {
    event = cut(event);
    path = cut(path);
  }

  /** The path for all items of a list alike: {@code properties.products[].price}. */
  public String field() {
    return INDEX.matcher(path).replaceAll("[]");
  }

  /** A name as it's shown: whole, or its beginning. */
  static String cut(String name) {
    if (name.length() <= MAX_NAME) {
      return name;
    }
    boolean halves = Character.isHighSurrogate(name.charAt(MAX_NAME - 2));
    return name.substring(0, halves ? MAX_NAME - 2 : MAX_NAME - 1) + "…";
  }
}
