package io.tributary.ingestion.transform;

import java.util.Optional;

/**
 * What steps need besides the event.
 *
 * @param key what is hashed with; empty where nothing can be
 * @param locations where addresses are
 */
public record Means(Optional<HashKey> key, Locations locations) {}
