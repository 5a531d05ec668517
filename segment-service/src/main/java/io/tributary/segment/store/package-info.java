/** All SQL of this service but that of what people define. */
@NullMarked
package io.tributary.segment.store;

import org.jspecify.annotations.NullMarked;
