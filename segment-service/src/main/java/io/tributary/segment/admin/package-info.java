/** Segments as people define them. */
@NullMarked
package io.tributary.segment.admin;

import org.jspecify.annotations.NullMarked;
