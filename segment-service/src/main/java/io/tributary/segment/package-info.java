/** Segments: who is in them, since when, why, and until when. */
@NullMarked
package io.tributary.segment;

import org.jspecify.annotations.NullMarked;
