package io.tributary.conditions;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a condition says of a profile at one moment.
 *
 * @param matches whether the condition is true
 * @param nextFlip the earliest later moment at which {@code matches} may change by the clock alone:
 *     evaluate again then. It may be too early (the answer is then the same) but never too late;
 *     null = never without new data
 */
public record Evaluation(boolean matches, @Nullable Instant nextFlip) {}
