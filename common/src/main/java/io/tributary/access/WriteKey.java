package io.tributary.access;

import org.jspecify.annotations.Nullable;

/**
 * What a valid write key stands for.
 *
 * @param kind the kind of its source: {@code web}, {@code mobile}, {@code server}, {@code webhook}
 *     or {@code tributary}
 * @param webhook of a webhook's source, what it knows of its provider: JSON with sealed secrets
 */
public record WriteKey(
    String key, String workspaceId, String sourceId, String kind, @Nullable String webhook) {}
