/**
 * Traces from a request to what it brought about, off unless {@code TRIBUTARY_TRACES_ENDPOINT} says
 * where they go. Between services they travel as {@code traceparent} (W3C) in the headers of
 * records.
 */
@NullMarked
package io.tributary.trace;

import org.jspecify.annotations.NullMarked;
