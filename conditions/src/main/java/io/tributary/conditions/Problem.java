package io.tributary.conditions;

/**
 * One thing wrong with a condition's JSON.
 *
 * @param path where, as a JSON pointer ("" = the whole)
 * @param code a stable code, snake case
 * @param message a sentence that says what to do
 */
public record Problem(String path, String code, String message) {}
