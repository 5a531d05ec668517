/**
 * Decides what becomes of a collection request: bytes in, one verdict per event out. Pure: no
 * clock, no I/O, no framework.
 */
@NullMarked
package io.tributary.ingestion.accept;

import org.jspecify.annotations.NullMarked;
