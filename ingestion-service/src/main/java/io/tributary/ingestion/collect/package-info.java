/**
 * The collector: takes events over HTTP as the Segment tracking API does, and answers 200 only when
 * the log has them.
 */
@NullMarked
package io.tributary.ingestion.collect;

import org.jspecify.annotations.NullMarked;
