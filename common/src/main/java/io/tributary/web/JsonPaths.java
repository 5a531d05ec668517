package io.tributary.web;

import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;

/** Writes places in a JSON document the way people do: {@code all[1].value}. */
final class JsonPaths {
  private JsonPaths() {}

  static String of(JsonPointer pointer) {
    StringBuilder path = new StringBuilder();
    for (JsonPointer at = pointer; at != null && !at.matches(); at = at.tail()) {
      if (at.getMatchingIndex() >= 0) {
        path.append('[').append(at.getMatchingIndex()).append(']');
      } else {
        append(path, at.getMatchingProperty());
      }
    }
    return path.toString();
  }

  static String of(List<JacksonException.Reference> references) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference reference : references) {
      if (reference.getPropertyName() == null) {
        path.append('[').append(reference.getIndex()).append(']');
      } else {
        append(path, reference.getPropertyName());
      }
    }
    return path.toString();
  }

  static String below(String parent, String child) {
    if (parent.isEmpty() || child.isEmpty()) {
      return parent + child;
    }
    return child.startsWith("[") ? parent + child : parent + '.' + child;
  }

  private static void append(StringBuilder path, String name) {
    if (!path.isEmpty()) {
      path.append('.');
    }
    path.append(name.replace('\0', '\uFFFD'));
  }
}
