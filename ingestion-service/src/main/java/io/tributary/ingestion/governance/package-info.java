/**
 * Tracking plans as people make them, as the collector knows them, and what is reported of events
 * that break them.
 */
@NullMarked
package io.tributary.ingestion.governance;

import org.jspecify.annotations.NullMarked;
