package io.tributary.conditions;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a condition matches or doesn't: the same tree as the condition, each part with its own
 * answer.
 *
 * @param condition this part in plain English
 * @param matches whether this part is true
 * @param nextFlip as in {@link Evaluation}
 * @param actual what was found (the trait's value as JSON, the number of occurrences and the latest
 *     of them); null for and, or, not. Personal data: for answers, not for logs
 * @param parts the parts of and, or, not; else empty
 */
public record Explanation(
    String condition,
    boolean matches,
    @Nullable Instant nextFlip,
    @Nullable String actual,
    List<Explanation> parts) {

  public Explanation {
    parts = List.copyOf(parts);
  }
}
