package io.tributary.conditions;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A dotted path into JSON, split once. A whole number leads into an array by position and into an
 * object by name.
 */
final class Path {

  private final String[] parts;
  private final int[] positions;

  private Path(String[] parts) {
    this.parts = parts;
    this.positions = new int[parts.length];
    for (int i = 0; i < parts.length; i++) {
      positions[i] = isPosition(parts[i]) ? Integer.parseInt(parts[i]) : -1;
    }
  }

  /** Splits the text; refuses what {@link #fault} names. */
  static Path of(String text) {
    String fault = fault(text);
    if (fault != null) {
      throw new IllegalArgumentException("path '" + text + "': " + fault);
    }
    return new Path(text.split("\\.", -1));
  }

  /** Says what is wrong with a path, or null. */
  static @Nullable String fault(String text) {
    if (text.isBlank()) {
      return "must not be blank";
    }
    if (text.length() > Limits.MAX_NAME || !Limits.isStorable(text)) {
      return "must have at most " + Limits.MAX_NAME + " characters and no NUL";
    }
    for (String part : text.split("\\.", -1)) {
      if (part.isBlank()) {
        return "has an empty part; write it like 'address.city', with one dot between names";
      }
      // Postgres reads such parts as positions, counted from the end or with sign: refused, so that
      // both meanings agree.
      if (!isPosition(part) && part.strip().matches("[+-]?[0-9]+")) {
        return "has the position '" + part + "'; write positions as 0, 1, 2 and so on";
      }
    }
    return null;
  }

  private static boolean isPosition(String part) {
    return part.matches("0|[1-9][0-9]{0,8}");
  }

  String root() {
    return parts[0];
  }

  String[] parts() {
    return parts.clone();
  }

  /** Follows the path from the given part on; null when it leads nowhere. */
  @Nullable JsonNode follow(@Nullable JsonNode from, int firstPart) {
    JsonNode node = from;
    for (int i = firstPart; i < parts.length && node != null; i++) {
      if (node.isObject()) {
        node = node.get(parts[i]);
      } else if (node.isArray() && positions[i] >= 0) {
        node = node.get(positions[i]);
      } else {
        return null;
      }
    }
    return node;
  }
}
