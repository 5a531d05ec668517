package io.tributary.ingestion.accept;

import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the server itself knows of a request.
 *
 * @param ip the address of the sender, where it is known
 * @param messageIds makes an id for an event that brings none
 */
public record Receipt(Instant receivedAt, @Nullable String ip, Supplier<String> messageIds) {}
