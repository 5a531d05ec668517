package io.tributary.access;

/**
 * What a valid write key stands for.
 *
 * @param kind the kind of its source: {@code web}, {@code mobile}, {@code server} or {@code
 *     tributary}
 */
public record WriteKey(String key, String workspaceId, String sourceId, String kind) {}
