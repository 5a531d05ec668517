/**
 * Destinations: other systems that are told of events, of who enters and leaves segments, of
 * changes of profiles and of erasures. Each reads the log by itself, from its own place, so that
 * none waits for another.
 */
@NullMarked
package io.tributary.ingestion.destination;

import org.jspecify.annotations.NullMarked;
