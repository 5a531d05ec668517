package io.tributary.segment.web;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.tributary.conditions.ConditionParser;
import io.tributary.conditions.Parsed;
import io.tributary.event.Json;
import io.tributary.segment.store.SegmentReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A segment as it's shown.
 *
 * @param conditionText the condition in plain English
 * @param version counts the conditions it has had
 * @param state building, ready or failed
 * @param count how many members it has now
 * @param progress of the work on the latest condition; absent once it's ready
 */
record SegmentAnswer(
    String id,
    String name,
    String description,
    JsonNode condition,
    String conditionText,
    long version,
    String state,
    long count,
    @Nullable ProgressAnswer progress,
    Instant createdAt,
    Instant updatedAt,
    @JsonIgnore long rowVersion) {

  /**
   * How far the work is.
   *
   * @param step fill (reads the history) or evaluate (decides about everybody)
   * @param etaSeconds at the pace so far; absent at the very beginning
   * @param problem what the last attempt failed with
   */
  record ProgressAnswer(
      String step,
      long done,
      long total,
      int percent,
      @Nullable Long etaSeconds,
      @Nullable String problem) {
    static ProgressAnswer from(SegmentReader.Progress progress, Instant now) {
      long total = Math.max(progress.total(), progress.done());
      return new ProgressAnswer(
          progress.step(),
          progress.done(),
          total,
          total == 0 ? 0 : (int) (progress.done() * 100 / total),
          eta(progress, total, now),
          progress.problem());
    }

    private static @Nullable Long eta(SegmentReader.Progress progress, long total, Instant now) {
      if (progress.done() == 0) {
        return null;
      }
      double elapsed = Duration.between(progress.startedAt(), now).toMillis() / 1000.0;
      return Math.max(0, Math.round(elapsed * (total - progress.done()) / progress.done()));
    }
  }

  static SegmentAnswer from(SegmentReader.Segment segment, long count, Instant now) {
    return new SegmentAnswer(
        segment.id(),
        segment.name(),
        segment.description(),
        Json.MAPPER.readTree(segment.condition()),
        text(segment.condition()),
        segment.version(),
        segment.state(),
        count,
        segment.state().equals("ready") ? null : ProgressAnswer.from(segment.progress(), now),
        segment.createdAt(),
        segment.updatedAt(),
        segment.rowVersion());
  }

  private static String text(String condition) {
    return switch (ConditionParser.parse(condition.getBytes(StandardCharsets.UTF_8))) {
      case Parsed.Valid(var valid) -> valid.describe();
      case Parsed.Invalid _ -> "";
    };
  }
}
