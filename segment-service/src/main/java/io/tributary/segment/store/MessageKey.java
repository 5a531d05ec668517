package io.tributary.segment.store;

/** Names a message within its workspace. */
public record MessageKey(String workspaceId, String messageId) {}
