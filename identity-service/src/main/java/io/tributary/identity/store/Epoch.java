package io.tributary.identity.store;

/**
 * The state of a workspace's graph between two removals: as long as a transaction holds it, homes
 * keep their identifiers and components only grow.
 *
 * @param vetoes how many pairs were split by hand
 */
public record Epoch(String workspaceId, long number, int vetoes) {}
