package io.tributary.conditions;

/**
 * A pattern that a condition needs occurrences of.
 *
 * @param pattern the pattern
 * @param keep how many of the latest occurrences decide, see {@link Occurrences#prune}
 */
public record KeptPattern(EventPattern pattern, int keep) {}
