/** One time for all instances. */
@NullMarked
package io.tributary.time;

import org.jspecify.annotations.NullMarked;
