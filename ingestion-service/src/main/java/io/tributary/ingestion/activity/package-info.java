/**
 * What came from each source, and what a look at it tells: figures, gathered beside collection and
 * never waited for by it. The books are the control totals.
 */
@NullMarked
package io.tributary.ingestion.activity;

import org.jspecify.annotations.NullMarked;
