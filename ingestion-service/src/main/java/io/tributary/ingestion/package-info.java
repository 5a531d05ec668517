/** Collects events over HTTP, appends them to the log, and keeps what was refused. */
@NullMarked
package io.tributary.ingestion;

import org.jspecify.annotations.NullMarked;
