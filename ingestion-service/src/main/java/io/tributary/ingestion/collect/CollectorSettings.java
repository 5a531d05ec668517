package io.tributary.ingestion.collect;

import org.jspecify.annotations.Nullable;

/**
 * How the collector behaves.
 *
 * @param inFlightBytes bytes of request bodies that are worked on at one time, in all
 * @param eventsPerSecond of one source; 0 for any number
 * @param apiHost host and path that browsers are told to post to, such as {@code
 *     events.example.com/v1}; null to use the host that they asked
 * @param trustForwarded whether a proxy in front sets X-Forwarded-For and X-Forwarded-Proto
 */
public record CollectorSettings(
    long inFlightBytes, long eventsPerSecond, @Nullable String apiHost, boolean trustForwarded) {}
