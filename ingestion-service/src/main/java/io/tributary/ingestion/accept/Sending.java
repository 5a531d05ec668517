package io.tributary.ingestion.accept;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an accepted event says about how it was sent; of interest for figures only.
 *
 * @param sentAt by the sender's clock
 * @param inFuture whether its timestamp is more than a second later than the moment it was sent, or
 *     was received where it doesn't say when it was sent
 */
public record Sending(@Nullable Library library, @Nullable Instant sentAt, boolean inFuture) {}
