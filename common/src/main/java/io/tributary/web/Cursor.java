package io.tributary.web;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * A place in a sorted list: the sort values of the last entry that was handed out. Opaque to the
 * caller, but no secret: it only ever narrows a query of the caller's own workspace.
 */
public final class Cursor {
  private static final String FORMAT = "1";
  private static final int MAX_LENGTH = 2048;
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(2).maxTokenCount(64).build())
                  .build())
          .build();

  private final String kind;
  private final List<String> values;

  private Cursor(String kind, List<String> values) {
    this.kind = kind;
    this.values = List.copyOf(values);
  }

  /** The place behind the entry with these sort values. */
  public static Cursor of(String kind, Object... values) {
    List<String> texts = new ArrayList<>(values.length);
    for (Object value : values) {
      texts.add(value.toString());
    }
    return new Cursor(kind, texts);
  }

  /** The form that goes to the caller. */
  public String encode() {
    List<String> parts = new ArrayList<>(values.size() + 2);
    parts.add(FORMAT);
    parts.add(kind);
    parts.addAll(values);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(JSON.writeValueAsBytes(parts));
  }

  /** Reads what {@link #encode} wrote; anything else ends the request with 400. */
  public static Cursor decode(String text, String kind, int size) {
    if (text.length() > MAX_LENGTH) {
      throw invalid();
    }
    String[] parts;
    try {
      byte[] json = Base64.getUrlDecoder().decode(text.getBytes(StandardCharsets.UTF_8));
      parts = JSON.readValue(json, String[].class);
    } catch (IllegalArgumentException | JacksonException e) {
      throw invalid();
    }
    if (parts == null || parts.length != size + 2) {
      throw invalid();
    }
    for (String part : parts) {
      if (part == null || part.indexOf('\0') >= 0) {
        throw invalid();
      }
    }
    if (!parts[0].equals(FORMAT) || !parts[1].equals(kind)) {
      throw invalid();
    }
    return new Cursor(kind, List.of(parts).subList(2, parts.length));
  }

  /** The n-th sort value. */
  public String text(int index) {
    return values.get(index);
  }

  /** The n-th sort value as a number. */
  public long number(int index) {
    try {
      return Long.parseLong(values.get(index));
    } catch (NumberFormatException e) {
      throw invalid();
    }
  }

  /** The n-th sort value as a time. */
  public Instant instant(int index) {
    try {
      Instant instant = Instant.parse(values.get(index));
      // Postgres knows years up to 294276; an Instant goes far beyond.
      if (instant.isBefore(Instant.EPOCH.minusSeconds(100_000_000_000L))
          || instant.isAfter(Instant.EPOCH.plusSeconds(8_000_000_000_000L))) {
        throw invalid();
      }
      return instant;
    } catch (DateTimeException e) {
      throw invalid();
    }
  }

  /** The n-th sort value as a UUID. */
  public UUID uuid(int index) {
    try {
      return UUID.fromString(values.get(index));
    } catch (IllegalArgumentException e) {
      throw invalid();
    }
  }

  private static Problem invalid() {
    return Problem.badRequest(
        "invalid_cursor",
        "The cursor is none of this list. Send the nextCursor of the page before, unchanged, or"
            + " none to begin again.");
  }
}
