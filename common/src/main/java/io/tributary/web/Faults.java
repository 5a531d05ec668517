package io.tributary.web;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Collects what is wrong with a request, so that the caller learns of all of it at once. Each check
 * returns the value, so that a record can be built in the same breath; nothing built may be used
 * before {@link #throwIfAny}.
 */
public final class Faults {
  private final List<Problem.Fault> found = new ArrayList<>();

  /** An empty collection. */
  public Faults() {}

  /** Notes a fault. */
  public Faults add(String path, String code, String message) {
    found.add(new Problem.Fault(path, code, message));
    return this;
  }

  /** Notes the fault unless the condition holds. */
  public Faults check(boolean holds, String path, String code, String message) {
    return holds ? this : add(path, code, message);
  }

  /** A value that must be there. */
  public <T> @Nullable T required(@Nullable T value, String path) {
    if (value == null) {
      add(path, "required", "is missing");
    }
    return value;
  }

  /** A text that must be there, not blank, and at most so long; answered trimmed. */
  public String text(@Nullable String value, String path, int maxLength) {
    if (value == null || value.isBlank()) {
      add(path, "required", "must be a text of 1 to " + maxLength + " characters");
      return "";
    }
    String trimmed = value.strip();
    check(
        trimmed.length() <= maxLength,
        path,
        "too_long",
        "has " + trimmed.length() + " characters; at most " + maxLength + " are allowed");
    return trimmed;
  }

  /**
   * A list of texts that narrows something: none where it is missing, else 1 to so many.
   *
   * @param maxLength characters of each
   */
  public List<String> texts(
      @Nullable List<@Nullable String> values, String path, int most, int maxLength) {
    if (values == null) {
      return List.of();
    }
    check(
        !values.isEmpty() && values.size() <= most,
        path,
        "invalid",
        "must have 1 to " + most + " entries; leave it out for all");
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < Math.min(values.size(), most); i++) {
      texts.add(text(values.get(i), path + "[" + i + "]", maxLength));
    }
    return texts;
  }

  /** A text that must be there and match; {@code allowed} says in words what does. */
  public String matching(@Nullable String value, String path, Pattern pattern, String allowed) {
    if (value == null || !pattern.matcher(value).matches()) {
      add(path, value == null ? "required" : "invalid", "must be " + allowed);
      return "";
    }
    return value;
  }

  /** A number within bounds, the fallback where it is missing. */
  public int between(@Nullable Integer value, String path, int min, int max, int fallback) {
    if (value == null) {
      return fallback;
    }
    check(
        value >= min && value <= max,
        path,
        "out_of_range",
        "must be from " + min + " to " + max + " (was " + value + ")");
    return value;
  }

  /** Whether nothing was found. */
  public boolean isEmpty() {
    return found.isEmpty();
  }

  /** What was found, in the order it was found. */
  public List<Problem.Fault> list() {
    return List.copyOf(found);
  }

  /** Ends the request with 400 if anything was found. */
  public void throwIfAny() {
    if (!found.isEmpty()) {
      throw Problem.invalid(found);
    }
  }
}
