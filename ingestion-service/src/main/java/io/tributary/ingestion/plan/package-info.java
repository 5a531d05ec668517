/**
 * Tracking plans: what events of a source should look like, and what becomes of those that don't.
 * Pure: no clock, no I/O, no framework; nothing that a schema names is ever fetched.
 */
@NullMarked
package io.tributary.ingestion.plan;

import org.jspecify.annotations.NullMarked;
