package io.tributary.ingestion.transform;

/**
 * Why an event may not pass.
 *
 * @param code stable, for programs
 * @param path the field, such as {@code properties.total}
 */
public record Refusal(String code, String path, String message) {}
