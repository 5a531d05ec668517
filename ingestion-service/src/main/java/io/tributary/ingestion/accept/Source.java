package io.tributary.ingestion.accept;

/**
 * Where events come from.
 *
 * @param onDevice whether the sender is the person's own device, so that its address is worth
 *     noting
 */
public record Source(String workspaceId, String sourceId, boolean onDevice) {}
