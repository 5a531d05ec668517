package io.tributary.ingestion.plan;

/**
 * One thing that is wrong with a plan.
 *
 * @param path where: {@code events[2].schema}, followed by a JSON pointer into the schema
 * @param code stable, for programs
 * @param message what is wrong and what is allowed
 */
public record Fault(String path, String code, String message) {}
